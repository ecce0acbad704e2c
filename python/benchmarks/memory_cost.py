"""What a series holds in memory: growth of the resident set over 10,000 series, in bytes for each.

One process for each kind of series. Run by `make bench`, through `table.py`.
"""

from __future__ import annotations

import gc
import itertools
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rounds import Contestant, compete

FAMILIES = 4
TENANTS = [f"tenant-{number:03}" for number in range(125)]
ENDPOINTS = [f"/api/items/{number}" for number in range(20)]
LABELS = ["service", "endpoint", "method", "tenant_id"]
WHAT = ("counter", "histogram")

Touch = Callable[[int, str, str], None]


def ours(what: str) -> Touch:
    """Use the SDK."""
    import kyros_obs  # noqa: PLC0415 - a contestant imports what it measures

    kyros_obs.configure(service="bench", env="bench", spool_dir=tempfile.mkdtemp())
    families = range(FAMILIES)
    counters = [kyros_obs.counter(f"bench_{at}_total", labels=LABELS) for at in families]
    histograms = [kyros_obs.histogram(f"bench_{at}_seconds", labels=LABELS) for at in families]

    def count(family: int, endpoint: str, tenant: str) -> None:
        counters[family].inc(service="api", endpoint=endpoint, method="GET", tenant_id=tenant)

    def observe(family: int, endpoint: str, tenant: str) -> None:
        made = histograms[family]
        made.observe(0.03, service="api", endpoint=endpoint, method="GET", tenant_id=tenant)

    return count if what == "counter" else observe


def prometheus_client(what: str) -> Touch:
    """Use prometheus_client, with the buckets that ours has."""
    from prometheus_client import Counter, Histogram  # noqa: PLC0415 - as above

    families = range(FAMILIES)
    buckets = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
    counters = [Counter(f"bench_{at}_total", "Bench.", LABELS) for at in families]
    histograms = [
        Histogram(f"bench_{at}_seconds", "Bench.", LABELS, buckets=buckets) for at in families
    ]

    def count(family: int, endpoint: str, tenant: str) -> None:
        counters[family].labels("api", endpoint, "GET", tenant).inc()

    def observe(family: int, endpoint: str, tenant: str) -> None:
        histograms[family].labels("api", endpoint, "GET", tenant).observe(0.03)

    return count if what == "counter" else observe


def resident() -> int:
    """The resident set of this process in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def grown(touch: Touch) -> float:
    """Bytes for each series; the first of each family is there before."""
    for family in range(FAMILIES):
        touch(family, ENDPOINTS[0], TENANTS[0])
    series = list(itertools.product(range(FAMILIES), ENDPOINTS, TENANTS))
    gc.collect()
    before = resident()
    for one in series:
        touch(*one)
    gc.collect()
    return (resident() - before) / len(series)


def measure() -> dict[str, dict[str, float]]:
    """Bytes of a counter's and of a histogram's series, ours and the peer's."""
    measured: dict[str, dict[str, float]] = {}
    for what in WHAT:
        measured[what] = {}
        for which in ("ours", "prometheus_client"):
            environment = {**os.environ}
            with Contestant("memory_cost.py", which, what, environment=environment) as one:
                measured[what][which] = one.round()
    return measured


if __name__ == "__main__":
    touch = (ours if sys.argv[1] == "ours" else prometheus_client)(sys.argv[2])
    compete(lambda: grown(touch))

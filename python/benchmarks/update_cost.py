"""What a sample costs from Python: one counter and one histogram found by their labels, updated.

Nanoseconds for the pair. The peer is prometheus_client, which gets its labels the fastest way it
has, by position. Run by `make bench`, through `table.py`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack

from rounds import Contestant, compete, medians

ROUNDS = 11
UPDATES = 20_000
SERVICE, ENDPOINT, METHOD, CODE = "api", "/api/items/{item_id}", "GET", "200"
TENANTS = [f"tenant-{number:03}" for number in range(100)]
SECONDS = 0.03

Update = Callable[[str], None]


def ours() -> Update:
    """Use the SDK, with labels by name."""
    import kyros_obs  # noqa: PLC0415 - a contestant imports what it measures

    kyros_obs.configure(service="bench", env="bench", spool_dir=tempfile.mkdtemp())
    names = ["service", "endpoint", "method", "tenant_id"]
    requests = kyros_obs.counter("bench_requests_total", labels=[*names, "code"])
    duration = kyros_obs.histogram("bench_duration_seconds", labels=names)

    def update(tenant: str) -> None:
        requests.inc(service=SERVICE, endpoint=ENDPOINT, method=METHOD, code=CODE, tenant_id=tenant)
        duration.observe(
            SECONDS, service=SERVICE, endpoint=ENDPOINT, method=METHOD, tenant_id=tenant
        )

    return update


def prometheus_client() -> Update:
    """Use prometheus_client; `PROMETHEUS_MULTIPROC_DIR` decides on its mode."""
    from prometheus_client import Counter, Histogram  # noqa: PLC0415 - as above

    names = ["service", "endpoint", "method", "tenant_id"]
    requests = Counter("bench_requests", "Requests.", [*names, "code"])
    duration = Histogram("bench_duration_seconds", "Durations.", names)

    def update(tenant: str) -> None:
        requests.labels(SERVICE, ENDPOINT, METHOD, tenant, CODE).inc()
        duration.labels(SERVICE, ENDPOINT, METHOD, tenant).observe(SECONDS)

    return update


def timed(update: Update) -> float:
    """Nanoseconds of one update."""
    tenants = TENANTS * (UPDATES // len(TENANTS))
    start = time.perf_counter_ns()
    for tenant in tenants:
        update(tenant)
    return (time.perf_counter_ns() - start) / len(tenants)


def measure() -> dict[str, float]:
    """The medians in nanoseconds: ours, and the peer's in both modes."""
    with tempfile.TemporaryDirectory() as files, ExitStack() as stack:
        several = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": files}

        def start(which: str, environment: dict[str, str]) -> Contestant:
            started = Contestant("update_cost.py", which, environment=environment)
            return stack.enter_context(started)

        contestants = {
            "ours": start("ours", {**os.environ}),
            "single": start("prometheus_client", {**os.environ}),
            "multiprocess": start("prometheus_client", several),
        }
        return medians(contestants, ROUNDS)


if __name__ == "__main__":
    update = ours() if sys.argv[1] == "ours" else prometheus_client()
    compete(lambda: timed(update))

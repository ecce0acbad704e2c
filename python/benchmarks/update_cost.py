"""What a sample costs from Python: one counter and one histogram found by their labels, updated.

Nanoseconds of CPU for the pair; then the same with the labels kept, `labels(...)` called before.
The peer is prometheus_client, which gets its labels the fastest way it has, by position. Run by
`make bench`, through `table.py`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from rounds import Contestant, compete, medians

ROUNDS = 11
UPDATES = 20_000
SERVICE, ENDPOINT, METHOD, CODE = "api", "/api/items/{item_id}", "GET", "200"
TENANTS = [f"tenant-{number:03}" for number in range(100)]
SECONDS = 0.03
KEPT = " kept"

Update = Callable[[str], None]


def ours(*, kept: bool) -> Update:
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

    labels = {"service": SERVICE, "endpoint": ENDPOINT, "method": METHOD}
    count = {at: requests.labels(**labels, code=CODE, tenant_id=at) for at in TENANTS}
    observe = {at: duration.labels(**labels, tenant_id=at) for at in TENANTS}
    return keeping(count, observe) if kept else update


def prometheus_client(*, kept: bool) -> Update:
    """Use prometheus_client; `PROMETHEUS_MULTIPROC_DIR` decides on its mode."""
    from prometheus_client import Counter, Histogram  # noqa: PLC0415 - as above

    names = ["service", "endpoint", "method", "tenant_id"]
    requests = Counter("bench_requests", "Requests.", [*names, "code"])
    duration = Histogram("bench_duration_seconds", "Durations.", names)

    def update(tenant: str) -> None:
        requests.labels(SERVICE, ENDPOINT, METHOD, tenant, CODE).inc()
        duration.labels(SERVICE, ENDPOINT, METHOD, tenant).observe(SECONDS)

    count = {at: requests.labels(SERVICE, ENDPOINT, METHOD, at, CODE) for at in TENANTS}
    observe = {at: duration.labels(SERVICE, ENDPOINT, METHOD, at) for at in TENANTS}
    return keeping(count, observe) if kept else update


def keeping(count: Mapping[str, Any], observe: Mapping[str, Any]) -> Update:
    """Use metrics whose labels are kept for each tenant."""

    def update(tenant: str) -> None:
        count[tenant].inc()
        observe[tenant].observe(SECONDS)

    return update


def timed(update: Update) -> float:
    """Nanoseconds of one update."""
    tenants = TENANTS * (UPDATES // len(TENANTS))
    start = time.process_time_ns()
    for tenant in tenants:
        update(tenant)
    return (time.process_time_ns() - start) / len(tenants)


def measure() -> dict[str, float]:
    """The medians in nanoseconds: ours, and the peer's in both modes."""
    with tempfile.TemporaryDirectory() as files, ExitStack() as stack:
        modes: dict[str, dict[str, str]] = {
            "ours": {},
            "single": {},
            "multiprocess": {"PROMETHEUS_MULTIPROC_DIR": files},
        }
        contestants = {
            f"{mode}{kept}": stack.enter_context(
                Contestant("update_cost.py", mode, kept, environment={**os.environ, **more})
            )
            for mode, more in modes.items()
            for kept in ("", KEPT)
        }
        return medians(contestants, ROUNDS)


if __name__ == "__main__":
    make = ours if sys.argv[1] == "ours" else prometheus_client
    update = make(kept=sys.argv[2] == KEPT)
    compete(lambda: timed(update))

"""What a scrape costs after many workers have come and gone: 500 tenants, four families.

Milliseconds until the text is there. All workers are real processes that update every series once.
Those of prometheus_client leave their files in `PROMETHEUS_MULTIPROC_DIR`; ours are forked from a
configured process, which answers `GET /metrics` afterwards. Run by `make bench`, through
`table.py`.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from rounds import Contestant, compete, medians

ROUNDS = 3
TENANTS = [f"tenant-{number:03}" for number in range(500)]
ENDPOINT = "/api/items/{item_id}"
DEAD = 64
COUNTED = "bench_requests_total"
SCOPE: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/metrics",
    "raw_path": b"/metrics",
    "query_string": b"",
    "root_path": "",
    "headers": [],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 80),
}

Update = Callable[[], None]
Scrape = Callable[[], bytes]


def ours(dead: int) -> Scrape:
    """Fork the workers that die, update like one of them, and scrape through ASGI."""
    import kyros_obs  # noqa: PLC0415 - a contestant imports what it measures
    from kyros_obs.asgi import ObservabilityMiddleware  # noqa: PLC0415 - as above

    kyros_obs.configure(service="bench", env="bench", spool_dir=tempfile.mkdtemp())
    update = ours_update()
    for _ in range(dead):
        work_and_die(update)
    update()
    loop = asyncio.new_event_loop()
    app = ObservabilityMiddleware(nothing)
    return lambda: loop.run_until_complete(body(app))


def ours_update() -> Update:
    """Make the four families, and what updates all their series."""
    import kyros_obs  # noqa: PLC0415 - as above

    names = ["endpoint", "tenant_id"]
    requests = kyros_obs.counter(COUNTED, labels=names)
    failures = kyros_obs.counter("bench_failures_total", labels=names)
    duration = kyros_obs.histogram("bench_duration_seconds", labels=names)
    waiting = kyros_obs.histogram("bench_waiting_seconds", labels=names)

    def update() -> None:
        for tenant in TENANTS:
            requests.inc(endpoint=ENDPOINT, tenant_id=tenant)
            duration.observe(0.03, endpoint=ENDPOINT, tenant_id=tenant)
            waiting.observe(0.001, endpoint=ENDPOINT, tenant_id=tenant)
            failures.inc(endpoint=ENDPOINT, tenant_id=tenant)

    return update


def work_and_die(update: Update) -> None:
    """One worker, from fork to exit."""
    worker = os.fork()
    if worker == 0:
        try:
            update()
        finally:
            os._exit(0)
    os.waitpid(worker, 0)


async def nothing(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
    """Be an application that is never asked."""


async def body(app: Any) -> bytes:  # noqa: ANN401 - ASGI
    """What the application answers."""
    chunks: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        chunks.append(message.get("body", b""))

    await app({**SCOPE, "state": {}}, receive, send)
    return b"".join(chunks)


def prometheus_client(dead: int) -> Scrape:
    """Run the workers that die, update like one of them, and read the files of all."""
    from prometheus_client import (  # noqa: PLC0415 - as above
        CollectorRegistry,
        generate_latest,
        multiprocess,
    )

    for at in range(0, dead, 2):
        workers = [subprocess.Popen([sys.executable, __file__, "worker"]) for _ in range(2)]  # noqa: S603 - this script
        if any(worker.wait() != 0 for worker in workers):
            sys.exit(f"worker {at} failed")
    prometheus_client_update()()

    def scrape() -> bytes:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        return generate_latest(registry)

    return scrape


def prometheus_client_update() -> Update:
    """Make the same families there."""
    from prometheus_client import Counter, Histogram  # noqa: PLC0415 - as above

    names = ["endpoint", "tenant_id"]
    requests = Counter(COUNTED, "Requests.", names)
    failures = Counter("bench_failures_total", "Failures.", names)
    duration = Histogram("bench_duration_seconds", "Durations.", names)
    waiting = Histogram("bench_waiting_seconds", "Waiting.", names)

    def update() -> None:
        for tenant in TENANTS:
            requests.labels(ENDPOINT, tenant).inc()
            duration.labels(ENDPOINT, tenant).observe(0.03)
            waiting.labels(ENDPOINT, tenant).observe(0.001)
            failures.labels(ENDPOINT, tenant).inc()

    return update


def counted(text: bytes) -> float:
    """The sum over all tenants: workers times tenants, where nothing is lost."""
    lines = (line for line in text.decode().splitlines() if line.startswith(COUNTED + "{"))
    return sum(float(line.rpartition(" ")[2]) for line in lines)


def timed(scrape: Scrape) -> float:
    """Milliseconds of one scrape."""
    start = time.perf_counter_ns()
    scrape()
    return (time.perf_counter_ns() - start) / 1e6


def measure() -> tuple[dict[str, float], dict[str, float]]:
    """The medians in milliseconds, and what each contestant has counted."""
    with ExitStack() as stack:

        def start(which: str, dead: int) -> Contestant:
            files = stack.enter_context(tempfile.TemporaryDirectory())
            environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": files}
            started = Contestant("scrape_cost.py", which, str(dead), environment=environment)
            return stack.enter_context(started)

        pairs = [(which, dead) for which in ("ours", "prometheus_client") for dead in (0, DEAD)]
        contestants = {f"{which} {dead}": start(which, dead) for which, dead in pairs}
        counts = {name: float(contestant.line()) for name, contestant in contestants.items()}
        return medians(contestants, ROUNDS), counts


def main(which: str, dead: int = 0) -> None:
    """Be a worker of the peer, or a contestant."""
    if which == "worker":
        prometheus_client_update()()
        return
    scrape = ours(dead) if which == "ours" else prometheus_client(dead)
    compete(lambda: timed(scrape), first=lambda: counted(scrape()))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))

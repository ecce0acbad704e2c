"""What one request costs with us and with peers, as a ratio within one run.

In-process ASGI calls of one route, no sockets: bare FastAPI, then the same application under each
instrumentation. Rounds alternate and the median of each counts, so that a noisy machine disturbs
all alike. Run by `make bench`, through `table.py`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from prometheus_fastapi_instrumentator import Instrumentator

import kyros_obs

Asgi = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

BATCH = 500
ROUNDS = 20
SCOPE: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/api/items/7",
    "raw_path": b"/api/items/7",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"host", b"bench"), (b"accept", b"*/*")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 80),
}


def application() -> FastAPI:
    """Make an application with one included route."""
    app = FastAPI()
    router = APIRouter(prefix="/api")
    answer = Response(b"{}", media_type="application/json")

    @router.get("/items/{item_id}")
    async def item(item_id: int) -> Response:
        return answer

    app.include_router(router)
    return app


def ours() -> FastAPI:
    """Instrument with kyros-obs: metrics and the JSON access line, written to /dev/null."""
    app = application()
    kyros_obs.instrument(app)
    return app


def instrumentator() -> FastAPI:
    """Instrument with prometheus-fastapi-instrumentator: metrics alone."""
    app = application()
    Instrumentator().instrument(app)
    return app


async def receive() -> dict[str, Any]:
    """Give an empty request body."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: dict[str, Any]) -> None:
    """Take a message and do nothing."""


async def batch(app: Asgi) -> float:
    """Answer one batch of requests; microseconds of CPU per request."""
    start = time.process_time()
    for _ in range(BATCH):
        await app({**SCOPE, "state": {}}, receive, send)
    return (time.process_time() - start) / BATCH * 1e6


async def rounds(apps: dict[str, Asgi]) -> dict[str, float]:
    """Alternate the applications and take the median of each; the first round only warms up."""
    measured: dict[str, list[float]] = {name: [] for name in apps}
    for _ in range(ROUNDS + 1):
        for name, app in apps.items():
            measured[name].append(await batch(app))
    return {name: statistics.median(costs[1:]) for name, costs in measured.items()}


def measure() -> dict[str, float]:
    """The medians in microseconds: bare, ours and the peer's."""
    kyros_obs.configure(service="bench", env="bench", spool_dir=tempfile.mkdtemp())
    apps: dict[str, Asgi] = {"bare": application(), "ours": ours(), "peer": instrumentator()}
    stdout = os.dup(1)
    with open(os.devnull, "wb") as null:  # noqa: PTH123 - a descriptor is what is wanted
        os.dup2(null.fileno(), 1)
        gc.disable()
        measured = asyncio.run(rounds(apps))
        gc.enable()
        os.dup2(stdout, 1)
    return measured

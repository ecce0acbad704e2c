"""What one request costs with us and with peers, as a ratio within one run.

In-process ASGI calls of one route, no sockets: bare FastAPI, then the same application under each
instrumentation. Rounds alternate and the best of each counts, so that a noisy machine disturbs all
alike. Run by `make bench`.
"""

from __future__ import annotations

import asyncio
import gc
import os
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


async def measure(apps: dict[str, Asgi]) -> dict[str, float]:
    """Alternate the applications and keep the best round of each."""
    best = dict.fromkeys(apps, float("inf"))
    for _ in range(ROUNDS):
        for name, app in apps.items():
            best[name] = min(best[name], await batch(app))
    return best


def main() -> None:
    """Print a table: cost per request, what is added, and the ratio to what the peer adds."""
    kyros_obs.configure(service="bench", env="bench", spool_dir=tempfile.mkdtemp())
    apps: dict[str, Asgi] = {
        "bare FastAPI": application(),
        "kyros-obs (metrics, access line)": ours(),
        "prometheus-fastapi-instrumentator": instrumentator(),
    }
    stdout = os.dup(1)
    with open(os.devnull, "wb") as null:  # noqa: PTH123 - a descriptor is what is wanted
        os.dup2(null.fileno(), 1)
        gc.disable()
        best = asyncio.run(measure(apps))
        os.dup2(stdout, 1)
    bare = best["bare FastAPI"]
    peer = best["prometheus-fastapi-instrumentator"] - bare
    print(f"{'':36}{'µs/request':>12}{'added':>9}{'to peer':>9}")
    for name, cost in best.items():
        print(f"{name:36}{cost:12.1f}{cost - bare:9.1f}{(cost - bare) / peer:9.2f}")


if __name__ == "__main__":
    main()

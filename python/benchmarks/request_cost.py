"""What one request costs with us and with peers, beside each other within one run.

In-process ASGI calls of one FastAPI route, no sockets: microseconds of CPU of the whole process, so
that what a thread exports counts as well. Access lines go to `/dev/null`, spans to a receiver that
takes them. One process for each contestant, in rounds that alternate. Run by `make bench`, through
`table.py`.
"""

from __future__ import annotations

import asyncio
import gc
import http.server
import os
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import request_peers
from fastapi import APIRouter, FastAPI, Response
from rounds import Contestant, compete, medians

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

#: Whom requests are of, where a contestant is to say it; as authentication leaves it.
IDENTITY = {
    "user": {"sub": "3d6f0a1e-0c1d-4f4b-9c2a-5b7d7f7b1c11", "email": "ana@client.example"},
    "tenant_id": "8d6f0a1e-0c1d-4f4b-9c2a-5b7d7f7b1c11",
}

BARE = "bare"
METRICS, LINE, WHOSE, SPAN = "metrics", "line", "whose", "span"
OURS = (METRICS, LINE, WHOSE, SPAN)

#: What both sides are told of spans: to keep all that a round makes, and to send them soon.
SPANS = {"OTEL_BSP_MAX_QUEUE_SIZE": "65536", "OTEL_BSP_SCHEDULE_DELAY": "200"}


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


def instrumented(which: str) -> FastAPI:
    """The application, as a contestant has it."""
    app = application()
    if which in OURS:
        ours(app, which)
    elif which != BARE:
        request_peers.instrument(app, which)
    return app


def ours(app: FastAPI, what: str) -> None:
    """Instrument with kyros-obs: metrics, and the access line but for `metrics`."""
    import kyros_obs  # noqa: PLC0415 - a contestant imports what it measures

    logs = "false" if what == METRICS else "true"
    kyros_obs.configure(
        service="bench",
        env="bench",
        logs=logs,
        spool_dir=tempfile.mkdtemp(),
        pii_key="a key for nothing but benchmarks",
    )
    kyros_obs.instrument(app)


async def receive() -> dict[str, Any]:
    """Give an empty request body."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: dict[str, Any]) -> None:
    """Take a message and do nothing."""


async def batch(app: Asgi, state: dict[str, Any]) -> float:
    """Answer one batch of requests; microseconds of CPU per request."""
    start = time.process_time()
    for _ in range(BATCH):
        await app({**SCOPE, "state": {**state}}, receive, send)
    return (time.process_time() - start) / BATCH * 1e6


def measure() -> dict[str, float]:
    """The medians in microseconds, by contestant."""
    with ExitStack() as stack, receiver() as endpoint:

        def start(which: str) -> Contestant:
            environment = {**os.environ, **SPANS}
            if which == SPAN or request_peers.exports(which):
                environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint
            return stack.enter_context(
                Contestant("request_cost.py", which, environment=environment)
            )

        return medians({which: start(which) for which in (BARE, *OURS, *request_peers.ALL)}, ROUNDS)


class Taking(http.server.BaseHTTPRequestHandler):
    """Takes whatever is posted."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Take it."""
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiver() -> Iterator[str]:
    """The address of a receiver of spans."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def main(which: str) -> None:
    """Be a contestant."""
    app = instrumented(which)
    state = IDENTITY if which == WHOSE else {}
    loop = asyncio.new_event_loop()
    gc.freeze()
    compete(lambda: loop.run_until_complete(batch(app, state)))


if __name__ == "__main__":
    main(sys.argv[1])

"""How requests end under uvicorn, with clients on the other end of a socket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, StreamingResponse

import kyros_obs
from kyros_obs.testing import Captured
from tests.serving import leave, served, until

SIZE = 300_000


def make_app(directory: Path) -> FastAPI:
    """Streams, files, bodies, and one that takes its time."""
    app = FastAPI()
    (directory / "file").write_bytes(b"x" * SIZE)

    @app.get("/events")
    async def events() -> StreamingResponse:
        async def chunks() -> AsyncIterator[str]:
            yield "data: first\n\n"
            await asyncio.sleep(60)

        return StreamingResponse(chunks(), media_type="text/event-stream")

    @app.get("/few")
    async def few() -> StreamingResponse:
        return StreamingResponse(iter(["data: one\n\n", "data: two\n\n"]))

    @app.get("/fails")
    async def fails() -> StreamingResponse:
        def chunks() -> Iterator[bytes]:
            yield b"x" * 100
            raise RuntimeError("in the middle")

        return StreamingResponse(chunks())

    @app.api_route("/file", methods=["GET", "HEAD"])
    async def file() -> FileResponse:
        return FileResponse(directory / "file")

    @app.post("/body")
    async def body(request: Request) -> int:
        return len(await request.body())

    @app.get("/slow")
    async def slow() -> Response:
        await asyncio.sleep(60)
        return Response()

    return app


@pytest.mark.parametrize(
    ("method", "path", "ends"),
    [
        ("GET", "/few", (200, None, 22)),
        ("GET", "/file", (200, None, SIZE)),
        ("HEAD", "/file", (200, None, 0)),
        ("POST", "/body", (200, None, 1)),
        ("GET", "/fails", (200, "aborted", 100)),
    ],
)
def test_clients_that_stay(
    seen: Captured, tmp_path: Path, method: str, path: str, ends: tuple[Any, ...]
) -> None:
    """What they got is what was counted."""
    with served(kyros_obs.instrument(make_app(tmp_path))) as port:
        got = 0
        with (
            contextlib.suppress(httpx.RemoteProtocolError),
            httpx.stream(method, f"http://127.0.0.1:{port}{path}") as answer,
        ):
            for chunk in answer.iter_raw():
                got += len(chunk)
    assert got == ends[2]
    check(seen, ends)


@pytest.mark.parametrize(
    ("head", "body", "after", "ends"),
    [
        ("GET /events", b"", b"first", (200, "disconnected", 13)),
        ("POST /body", b"x" * 10, b"", (499, "disconnected", 0)),
    ],
)
def test_clients_that_leave(
    seen: Captured, tmp_path: Path, head: str, body: bytes, after: bytes, ends: tuple[Any, ...]
) -> None:
    """In the middle of an answer, and of a request."""
    with served(kyros_obs.instrument(make_app(tmp_path))) as port:
        leave(port, head, body, after=after)
        until(seen.access_lines)
    check(seen, ends)
    assert seen.metric("http_request_size_bytes_sum") == len(body)


def test_server_that_gives_up(seen: Captured, tmp_path: Path) -> None:
    """The server cancels what goes on after its time to shut down."""
    app = kyros_obs.instrument(make_app(tmp_path))

    async def ask(port: int) -> None:
        async with httpx.AsyncClient() as client:
            with contextlib.suppress(httpx.ReadTimeout):
                await client.get(f"http://127.0.0.1:{port}/slow", timeout=0.2)

    with served(app, timeout_graceful_shutdown=0) as port:
        asyncio.run(ask(port))
    check(seen, (499, "cancelled", 0))


def check(seen: Captured, ends: tuple[Any, ...]) -> None:
    """The line and the counters agree."""
    (line,) = seen.access_lines()
    assert (line["status"], line.get("outcome"), line["bytes"]) == ends
    assert seen.metric("http_response_size_bytes_sum") == ends[2]
    assert seen.metric("http_requests_total", code=str(ends[0])) == 1
    assert seen.metric("http_requests_aborted_total", outcome=str(ends[1])) == bool(ends[1])
    assert seen.metric("http_requests_aborted_total") == bool(ends[1])

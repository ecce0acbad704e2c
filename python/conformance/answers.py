"""What the applications answer: endpoints that Starlette and FastAPI take alike."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse

from conformance.table import EVENTS, PAUSE, SIZE, STREAMED

Endpoint = Callable[[Request], Awaitable[Response]]

_CHUNK = b"x" * 100

_directory = tempfile.TemporaryDirectory()

#: Where there is one file, `file`.
DIRECTORY = Path(_directory.name)
(DIRECTORY / "file").write_bytes(b"x" * SIZE)


class Handled(Exception):  # noqa: N818 - no error: there is a handler for it
    """Is answered by a handler."""


async def handle(_request: Request, _error: Exception) -> Response:
    """Answer an exception."""
    return PlainTextResponse("handled", 418)


class OfClass(HTTPEndpoint):
    """An endpoint that is a class."""

    async def get(self, _request: Request) -> Response:
        """Answer."""
        return PlainTextResponse("class")


async def absent(request: Request) -> Response:
    """Find nothing."""
    raise HTTPException(404)


async def text(request: Request) -> Response:
    """Say something."""
    return PlainTextResponse("text")


async def broken(request: Request) -> Response:
    """Raise."""
    raise RuntimeError("broken")


async def handled(request: Request) -> Response:
    """Raise what a handler answers."""
    raise Handled


async def whole(request: Request) -> Response:
    """Answer with a whole body."""
    return Response(b"x" * SIZE)


async def empty(request: Request) -> Response:
    """Answer without a body."""
    return Response(status_code=204)


async def unchanged(request: Request) -> Response:
    """Hand over a body that the status does not allow."""
    return Response(b"x" * SIZE, 304)


async def file(request: Request) -> Response:
    """Answer with a file."""
    return FileResponse(DIRECTORY / "file")


async def upload(request: Request) -> Response:
    """Read the whole body."""
    return PlainTextResponse(str(len(await request.body())))


async def slow(request: Request) -> Response:
    """Take longer than anybody waits."""
    await asyncio.sleep(60)
    return PlainTextResponse("slow")


async def timeout(request: Request) -> Response:
    """Answer a timeout of its own."""
    try:
        async with asyncio.timeout(0.01):
            return await slow(request)
    except TimeoutError:
        return PlainTextResponse("timeout", 504)


async def background(request: Request) -> Response:
    """Pause once all is sent."""
    return Response(b"x" * SIZE, background=BackgroundTask(time.sleep, PAUSE))


async def broken_background(request: Request) -> Response:
    """Raise once all is sent."""
    return Response(b"x" * SIZE, background=BackgroundTask(_fail))


def _fail() -> None:
    raise RuntimeError("broken")


def _streamed(chunks: Callable[[], Any], media_type: str | None = None) -> Endpoint:
    async def stream(request: Request) -> Response:
        return StreamingResponse(chunks(), media_type=media_type)

    return stream


async def _in_chunks() -> AsyncIterator[bytes]:
    for _ in range(STREAMED // len(_CHUNK)):
        yield _CHUNK


async def _events() -> AsyncIterator[bytes]:
    event = b"data: " + b"x" * 92 + b"\n\n"
    for _ in range(EVENTS // len(event)):
        yield event


async def _broken_stream() -> AsyncIterator[bytes]:
    yield _CHUNK
    raise RuntimeError("broken")


async def _endless() -> AsyncIterator[bytes]:
    yield _CHUNK
    await asyncio.sleep(60)


def _paused() -> Iterator[bytes]:
    yield b"x"
    time.sleep(PAUSE)
    yield b"y"


async def silent(scope: Any, receive: Any, send: Any) -> None:
    """Never answer: an ASGI application to mount."""


async def waiting(scope: Any, receive: Any, send: Any) -> None:
    """Answer, and wait for the client to go: an ASGI application to mount."""
    await Response(b"x" * SIZE)(scope, receive, send)
    while (await receive())["type"] != "http.disconnect":
        pass


def wsgi(_environ: Any, start_response: Any) -> list[bytes]:
    """Answer: a WSGI application to mount."""
    start_response("200 OK", [("content-type", "text/plain")])
    return [b"wsgi"]


#: Endpoints by their paths; those that answer to other methods than GET are in `METHODS`.
ENDPOINTS: dict[str, Endpoint] = {
    "/absent/{key}": absent,
    "/files/{name:path}": text,
    "/broken": broken,
    "/handled": handled,
    "/whole": whole,
    "/empty": empty,
    "/unchanged": unchanged,
    "/file": file,
    "/upload": upload,
    "/slow": slow,
    "/timeout": timeout,
    "/background": background,
    "/background/broken": broken_background,
    "/stream/whole": _streamed(_in_chunks),
    "/stream/plenty": _streamed(_in_chunks),
    "/stream/events": _streamed(_events, "text/event-stream"),
    "/stream/broken": _streamed(_broken_stream),
    "/stream/endless": _streamed(_endless),
    "/stream/paused": _streamed(_paused),
}

METHODS = {"/upload": ["POST"], "/whole": ["GET", "HEAD"]}

#: Two routes to one function.
TWICE = ("/first/{key}", "/second/{key}")

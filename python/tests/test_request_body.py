"""Request bytes are those that the application has read; nothing of them is touched."""

import io
from collections.abc import AsyncIterator, Callable
from typing import Any

import flask
import pytest
from fastapi import FastAPI, Request

import kyros_obs
from kyros_obs.testing import Captured
from tests.clients import AsgiClient, call

SIZE = 10_000
BODY = b"x" * 99 + b"\n"


def asgi_app() -> FastAPI:
    """Each way to read, or not to."""
    app = FastAPI()

    @app.post("/whole")
    async def whole(request: Request) -> int:
        return len(await request.body())

    @app.post("/stream")
    async def stream(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.stream()])

    @app.post("/first")
    async def first(request: Request) -> int:
        return len((await request.receive())["body"])

    @app.post("/unread")
    async def unread() -> int:
        return 0

    return app


async def chunks() -> AsyncIterator[bytes]:
    """A body without a `content-length`."""
    for _ in range(SIZE // len(BODY)):
        yield BODY


@pytest.mark.parametrize(
    ("path", "size"), [("/whole", SIZE), ("/stream", SIZE), ("/first", len(BODY)), ("/unread", 0)]
)
def test_asgi(seen: Captured, path: str, size: int) -> None:
    """What `receive` has given is counted, and handed on as it is."""
    response = AsgiClient(kyros_obs.instrument(asgi_app())).request("POST", path, content=chunks())
    assert response.json() == size
    check(seen, path, size)


def wsgi_app() -> flask.Flask:
    """Each way to read, or not to."""
    app = flask.Flask("reading")
    views: dict[str, Callable[[Any], bytes]] = {
        "/whole": lambda _stream: flask.request.get_data(),
        "/stream": lambda _stream: flask.request.stream.read(100),
        "/unread": lambda _stream: b"",
        "/read": lambda stream: bytes(stream.read()),
        "/line": lambda stream: bytes(stream.readline()),
        "/lines": lambda stream: b"".join(stream.readlines()),
        "/each": b"".join,
        "/into": lambda stream: b"x" * stream.readinto(bytearray(150)),
    }

    @app.post("/<path:path>")
    def read(path: str) -> bytes:
        return views[f"/{path}"](flask.request.environ["wsgi.input"])

    return app


@pytest.mark.parametrize(
    ("path", "size"),
    [
        *((path, SIZE) for path in ("/whole", "/read", "/lines", "/each")),
        *(("/stream", 100), ("/line", 100), ("/into", 150), ("/unread", 0)),
    ],
)
def test_wsgi(seen: Captured, path: str, size: int) -> None:
    """However `wsgi.input` is read."""
    body = io.BytesIO(BODY * (SIZE // len(BODY)))
    response = call(
        kyros_obs.instrument(wsgi_app()), path, "POST", input_stream=body, content_length=SIZE
    )
    assert len(response.data) == size
    check(seen, "/{path}", size)


def check(seen: Captured, path: str, size: int) -> None:
    """One request, or none where nothing was read."""
    assert seen.metric("http_request_size_bytes_sum", endpoint=path) == size
    assert seen.metric("http_request_size_bytes_count", endpoint=path) == (size > 0)
    assert seen.metric("kyros_instrumentation_errors_total") == 0

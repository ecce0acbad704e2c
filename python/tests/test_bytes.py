"""Response bytes are those sent, however the application sends them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import flask
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, StreamingResponse
from starlette.requests import Request

import kyros_obs
from kyros_obs.asgi import ObservabilityMiddleware
from kyros_obs.testing import Captured
from tests.clients import AsgiClient, call

SIZE = 10_000


def asgi_app(directory: Path) -> FastAPI:
    """Each way to answer."""
    app = FastAPI()
    (directory / "file").write_bytes(b"x" * SIZE)

    @app.api_route("/whole", methods=["GET", "HEAD"])
    def whole() -> Response:
        return Response(b"x" * SIZE)

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b"x" * (SIZE // 100)

        return StreamingResponse(chunks())

    @app.get("/empty", status_code=204)
    def empty() -> None:
        return None

    @app.get("/file")
    def file() -> FileResponse:
        return FileResponse(directory / "file")

    @app.get("/aborted")
    def aborted() -> StreamingResponse:
        def chunks() -> Iterator[bytes]:
            yield b"x" * 100
            raise RuntimeError("in the middle")

        return StreamingResponse(chunks())

    return app


CASES = [
    ("GET", "/whole", SIZE),
    ("HEAD", "/whole", 0),
    ("GET", "/stream", SIZE),
    ("GET", "/empty", 0),
    ("GET", "/file", SIZE),
    ("GET", "/aborted", 100),
]


@pytest.mark.parametrize(("method", "path", "size"), CASES)
def test_asgi(seen: Captured, tmp_path: Path, method: str, path: str, size: int) -> None:
    """What went through `send` is counted; a HEAD or 204 answer has no body."""
    AsgiClient(kyros_obs.instrument(asgi_app(tmp_path))).request(method, path)
    check(seen, path, size)


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ({}, SIZE - 100),
        ({"offset": 0}, SIZE),
        ({"offset": 1000}, SIZE - 1000),
        ({"count": 50}, 50),
        ({"offset": 1000, "count": 2 * SIZE}, SIZE - 1000),
        ({"offset": None, "count": None}, SIZE - 100),
    ],
)
@pytest.mark.parametrize("as_given", [lambda file: file, lambda file: file.fileno()])
def test_zero_copy(
    seen: Captured,
    tmp_path: Path,
    as_given: Callable[[Any], Any],
    given: dict[str, Any],
    size: int,
) -> None:
    """What the server copies out of an open file is counted, and the file stays where it is."""
    (tmp_path / "file").write_bytes(b"x" * SIZE)

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        with (tmp_path / "file").open("rb", buffering=0) as file:
            file.seek(100)
            copied = {"type": "http.response.zerocopysend", "more_body": True, **given}
            await send({"type": "http.response.debug", "info": {}})
            await send({"type": "http.response.start", "status": 200, "trailers": True})
            await send(copied | {"file": as_given(file)})
            await send({"type": "http.response.body", "body": bytearray(b"xx"), "more_body": True})
            await send({"type": "http.response.body", "body": memoryview(b"xyz")})
            await send({"type": "http.response.trailers", "headers": []})
            assert file.tell() == 100

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(ObservabilityMiddleware(app)(scope, cast("Any", None), _swallow))
    check(seen, "_unmatched", size + 5)
    assert seen.metric("http_requests_aborted_total") == 0
    assert seen.metric("kyros_instrumentation_errors_total") == 0


async def _swallow(_message: Any) -> None:
    """Take a message."""


def test_concurrent_requests_do_not_share_a_count(seen: Captured) -> None:
    """Answers of different size at the same time keep their own counts."""
    app = FastAPI()

    @app.get("/{size}")
    async def sized(size: int, request: Request) -> Response:
        assert not await request.is_disconnected()
        return Response(b"x" * size)

    sizes = [1, 10, 100, 1000, 10_000]
    AsgiClient(kyros_obs.instrument(app)).together(*[("GET", f"/{size}") for size in sizes])
    assert sorted(line["bytes"] for line in seen.access_lines()) == sizes


def wsgi_app(directory: Path) -> flask.Flask:
    """The same for Flask, the old `write` callable included."""
    app = flask.Flask(__name__)
    (directory / "file").write_bytes(b"x" * SIZE)
    views: dict[str, Callable[[], Any]] = {
        "/whole": lambda: b"x" * SIZE,
        "/stream": lambda: flask.Response(b"x" * (SIZE // 100) for _ in range(100)),
        "/empty": lambda: ("", 204),
        "/file": lambda: flask.send_file(directory / "file"),
    }
    for path, view in views.items():
        app.add_url_rule(path, path, view)
    return app


@pytest.mark.parametrize(
    ("method", "path", "size"), [case for case in CASES if "abort" not in case[1]]
)
def test_wsgi(seen: Captured, tmp_path: Path, method: str, path: str, size: int) -> None:
    """What the server took from the iterable is counted."""
    call(kyros_obs.instrument(wsgi_app(tmp_path)), path, method)
    check(seen, path, size)


def test_wsgi_body_that_is_not_read_to_its_end(seen: Captured, tmp_path: Path) -> None:
    """A client that goes away after three chunks got at most three chunks."""
    app = kyros_obs.instrument(wsgi_app(tmp_path))
    response = app.test_client().get("/stream", buffered=False)
    for _, _chunk in zip(range(3), response.response, strict=False):
        pass
    response.close()
    assert 200 <= seen.access_lines()[0]["bytes"] <= 300


def test_wsgi_write_callable(seen: Captured) -> None:
    """Bytes through `write`, which WSGI keeps for old applications, are counted as well."""
    app = flask.Flask(__name__)

    def old(_environ: Any, start_response: Any) -> list[bytes]:
        write = start_response("200 OK", [])
        write(b"x" * 30)
        return [b"y" * 12]

    cast("Any", app).wsgi_app = old
    response = kyros_obs.instrument(app).test_client().get("/")
    assert len(response.get_data()) == 42
    response.close()
    assert seen.metric("http_response_size_bytes_sum") == 42


def check(seen: Captured, path: str, size: int) -> None:
    """The sum, its count, and the line agree."""
    labels = {"endpoint": path}
    assert seen.metric("http_response_size_bytes_sum", **labels) == size
    assert seen.metric("http_response_size_bytes_count", **labels) == 1
    assert [line["bytes"] for line in seen.access_lines()] == [size]

"""How requests end that don't end by sending their whole answer."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import flask
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

import kyros_obs
from kyros_obs.asgi import ObservabilityMiddleware
from kyros_obs.testing import Captured
from tests.clients import call

START = {"type": "http.response.start", "status": 200, "headers": []}
MORE = {"type": "http.response.body", "body": b"x" * 10, "more_body": True}
LAST = {"type": "http.response.body", "body": b"x" * 10}
GONE = {"type": "http.disconnect"}
Asgi = Callable[[Any, Any, Any], Awaitable[None]]
Ends = tuple[int, str | None, int]


def sending(*messages: dict[str, Any], error: BaseException | None = None) -> Asgi:
    """An application that sends messages, then raises."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)
        if error is not None:
            raise error

    return app


def polling(*messages: dict[str, Any], last: dict[str, Any] | None = None) -> Asgi:
    """An application that sends messages, receives one, and may send another."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)
        await receive()
        if last is not None:
            await send(last)

    return app


BROKEN = RuntimeError("broken")
CANCELLED = asyncio.CancelledError()
OF_THESE = BaseExceptionGroup("", [asyncio.CancelledError(), KeyboardInterrupt()])
MIXED = BaseExceptionGroup("", [asyncio.CancelledError(), ExceptionGroup("", [BROKEN])])

ENDS: list[tuple[Asgi, Ends]] = [
    (sending(START, LAST), (200, None, 10)),
    (sending(START, MORE, LAST), (200, None, 20)),
    (sending(error=BROKEN), (500, None, 0)),
    (sending(START, MORE, error=BROKEN), (200, "aborted", 10)),
    (sending(START, MORE), (200, "aborted", 10)),
    (sending(), (500, None, 0)),
    (sending(START, LAST, error=BROKEN), (200, None, 10)),
    (sending(error=CANCELLED), (499, "cancelled", 0)),
    (sending(START, MORE, error=CANCELLED), (200, "cancelled", 10)),
    (sending(START, LAST, error=CANCELLED), (200, None, 10)),
    (sending(error=GeneratorExit()), (499, "cancelled", 0)),
    (sending(error=KeyboardInterrupt()), (499, "cancelled", 0)),
    (sending(error=OF_THESE), (499, "cancelled", 0)),
    (sending(error=MIXED), (500, None, 0)),
    (sending(START, MORE, error=MIXED), (200, "aborted", 10)),
    (polling(), (499, "disconnected", 0)),
    (polling(START), (200, "disconnected", 0)),
    (polling(START, MORE, last=LAST), (200, "disconnected", 10)),
    (polling(START, LAST), (200, None, 10)),
    (sending(START, LAST, LAST), (200, None, 10)),
    (sending(START, {**START, "status": 500}, LAST), (200, None, 10)),
]


@pytest.mark.parametrize(("app", "ends"), ENDS)
def test_asgi(seen: Captured, app: Asgi, ends: Ends) -> None:
    """Status, outcome and bytes, in the line and in the counters; what is raised goes through."""
    with suppress(asyncio.CancelledError):
        asyncio.run(serve(app))
    check(seen, ends)


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        (0, (499, "disconnected", 0)),
        (1, (200, "disconnected", 0)),
        (2, (200, "disconnected", 10)),
    ],
)
@pytest.mark.parametrize("version", ["2.4", "2.5"])
def test_send_that_raises(seen: Captured, version: str, at: int, ends: Ends) -> None:
    """Servers of ASGI 2.4 and later say so that the client is gone."""
    asyncio.run(serve(sending(START, MORE, LAST), version=version, refused=at))
    check(seen, ends)


def test_error_of_the_application_is_none_of_send(seen: Captured) -> None:
    """An `OSError` of its own is an error."""
    asyncio.run(serve(sending(START, MORE, error=OSError()), version="2.4"))
    check(seen, (200, "aborted", 10))


@pytest.mark.parametrize(
    ("begun", "ends"), [(0, (499, "cancelled", 0)), (1, (200, "cancelled", 10))]
)
@pytest.mark.parametrize("how", ["cancel", "timeout", "task group"])
def test_cancellation(seen: Captured, how: str, begun: int, ends: Ends) -> None:
    """However a task is cancelled that waits in `receive`, it is cancelled, and counted so."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if begun:
            await send(START)
            await send(MORE)
        await receive()

    async def give_up() -> None:
        coroutine = serve(app, never=True)
        if how == "timeout":
            async with asyncio.timeout(0.05):
                await coroutine
        elif how == "task group":
            async with asyncio.TaskGroup() as group:
                group.create_task(coroutine)
                await asyncio.sleep(0.05)
                raise BROKEN
        else:
            task = asyncio.ensure_future(coroutine)
            await asyncio.sleep(0.05)
            task.cancel()
            await task

    with pytest.raises((asyncio.CancelledError, TimeoutError, ExceptionGroup)):
        asyncio.run(give_up())
    check(seen, ends)


def test_timeout_that_a_route_answers(seen: Captured) -> None:
    """Is a status like any other."""
    app = FastAPI()

    @app.get("/")
    async def slow() -> Response:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.sleep(60)
        except TimeoutError:
            pass
        return Response(b"x" * 10, 504)

    asyncio.run(serve(kyros_obs.instrument(app)))
    check(seen, (504, None, 10))


def test_fastapi(seen: Captured) -> None:
    """Streams, bodies and background tasks of a framework: the client is gone, or they fail."""
    app = FastAPI()

    @app.get("/")
    async def stream() -> StreamingResponse:
        async def chunks() -> Any:
            yield b"x" * 10
            await asyncio.sleep(60)

        return StreamingResponse(chunks())

    @app.post("/")
    async def body(request: Request) -> int:
        return len(await request.body())

    def fail() -> None:
        raise BROKEN

    @app.put("/")
    async def later() -> Response:
        return Response(b"x" * 10, background=BackgroundTask(fail))

    observed = kyros_obs.instrument(app)
    for method in ("GET", "POST", "PUT"):
        asyncio.run(serve(observed, method=method))
    got = [ended(line) for line in seen.access_lines()]
    assert got == [(200, "disconnected", 10), (499, "disconnected", 0), (200, None, 10)]


def test_wsgi(seen: Captured) -> None:
    """Generators that fail before and after their first byte, and one that is closed early."""
    app = flask.Flask("outcomes")

    def failing(*chunks: bytes) -> Any:
        yield from chunks
        raise BROKEN

    app.add_url_rule("/before", "before", lambda: flask.Response(failing()))
    app.add_url_rule("/after", "after", lambda: flask.Response(failing(b"x" * 10)))
    app.add_url_rule("/whole", "whole", lambda: "x" * 10)
    observed = kyros_obs.instrument(app)
    for path in ("/before", "/after"):
        with pytest.raises(RuntimeError):
            call(observed, path)
    call(observed, "/whole")
    call(observed, "/whole", "HEAD")
    left = observed.test_client().get("/whole", buffered=False)
    left.close()
    got = [ended(line) for line in seen.access_lines()]
    assert got == [
        (500, None, 0),
        (200, "aborted", 10),
        (200, None, 10),
        (200, None, 0),
        (200, "disconnected", 0),
    ]


async def serve(
    app: Any,
    *,
    method: str = "GET",
    version: str = "2.3",
    refused: int | None = None,
    never: bool = False,
) -> None:
    """Call an application as a server does whose client leaves, or `never` says a thing."""
    count = 0

    async def receive() -> Any:
        await asyncio.sleep(60 if never else 0.02)
        return GONE

    async def send(message: Any) -> None:
        nonlocal count
        count += 1
        if refused is not None and count > refused:
            raise OSError("the client is gone")

    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"spec_version": version},
        "method": method,
        "path": "/",
    }
    scope |= {"headers": [], "query_string": b""}
    observed = app if isinstance(app, FastAPI) else ObservabilityMiddleware(app)
    with suppress(Exception, GeneratorExit, KeyboardInterrupt, BaseExceptionGroup):
        await observed(scope, receive, send)


def ended(line: dict[str, Any]) -> Ends:
    """What an access line says."""
    return line["status"], line.get("outcome"), line["bytes"]


def check(seen: Captured, ends: Ends) -> None:
    """The line and the counters agree."""
    (line,) = seen.access_lines()
    assert ended(line) == ends
    status, outcome, size = ends
    assert seen.metric("http_time_to_first_byte_seconds_count") == (size > 0)
    assert seen.metric("http_requests_total", code=str(status)) == 1
    assert seen.metric("http_requests_aborted_total") == (outcome is not None)
    if outcome is not None:
        assert (
            seen.metric("http_requests_aborted_total", outcome=outcome, method=line["method"]) == 1
        )

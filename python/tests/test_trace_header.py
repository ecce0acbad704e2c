"""The trace in the header of an answer: where it is asked for, beside what is there."""

import re
from collections.abc import Iterator

import flask
import pytest
from fastapi import FastAPI, Response
from starlette.responses import StreamingResponse

import kyros_obs
from kyros_obs import logs
from kyros_obs.asgi import ObservabilityMiddleware, Receive, Scope, Send
from kyros_obs.testing import capture
from tests.clients import AsgiClient, call

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
OWN = {"X-Trace-Id": "own", "TraceResponse": "own"}
PATHS = ["/data", "/stream", "/broken", "/nowhere", "/healthz", "/metrics"]


def api() -> FastAPI:
    """Answers of all kinds."""
    app = FastAPI()

    @app.get("/data")
    def data() -> str:
        return "data"

    @app.get("/own")
    def own() -> Response:
        return Response(headers=OWN)

    @app.get("/stream")
    def stream() -> StreamingResponse:
        return StreamingResponse(iter(["a", "b"]))

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("broken")

    return kyros_obs.instrument(app)


def server() -> flask.Flask:
    """The same in Flask."""
    app = flask.Flask(__name__)

    @app.get("/data")
    def data() -> str:
        return "data"

    @app.get("/own")
    def own() -> flask.Response:
        return flask.Response(headers=OWN)

    @app.get("/stream")
    def stream() -> flask.Response:
        def chunks() -> Iterator[str]:
            yield "a"
            yield "b"

        return flask.Response(chunks())

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("broken")

    return kyros_obs.instrument(app)


def answers(path: str) -> list[list[tuple[str, str]]]:
    """The headers of both frameworks, each as often as it is there."""
    of_api = AsgiClient(api()).get(path, headers=CALLER).headers.multi_items()
    return [of_api, [(k.lower(), v) for k, v in call(server(), path, headers=CALLER).headers]]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["x-trace-id", "X-Request-Trace"])
def test_trace_id(name: str, path: str) -> None:
    """Each answer says which trace it is of, errors and our own paths included."""
    with capture(trace_header=name):
        for headers in answers(path):
            assert [value for key, value in headers if key == name.lower()] == [TRACE]


def test_traceresponse() -> None:
    """The W3C's header names the span, too, which is that of the line."""
    with capture(trace_header="traceresponse") as seen:
        found = [dict(headers)["traceresponse"] for headers in answers("/data")]
        lines = seen.access_lines()
    assert found == [f"00-{line['trace_id']}-{line['span_id']}-01" for line in lines]


@pytest.mark.parametrize("name", ["x-trace-id", "traceresponse"])
def test_the_applications_own_stays(name: str) -> None:
    """It is there once, as the application has it."""
    with capture(trace_header=name):
        for headers in answers("/own"):
            assert [value for key, value in headers if key == name] == ["own"]


@pytest.mark.parametrize("path", PATHS)
def test_off_by_default(path: str) -> None:
    """No header names the trace."""
    with capture():
        for headers in answers(path):
            assert TRACE not in str(headers)


def test_a_message_that_is_used_again_stays_as_it_is() -> None:
    """One object may begin many answers, and may have its headers from an iterator."""
    begin = {"type": "http.response.start", "status": 200, "headers": ((b"a", b"b"),)}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({**begin, "headers": iter(begin["headers"])} if scope["path"] == "/" else begin)  # type: ignore[call-overload]
        await send({"type": "http.response.body"})

    with capture(trace_header="x-trace-id"):
        client = AsgiClient(ObservabilityMiddleware(app))
        for path in ("/", "/x", "/x"):
            headers = client.get(path, headers=CALLER).headers.multi_items()
            assert headers == [("a", "b"), ("x-trace-id", TRACE)]
    assert begin["headers"] == ((b"a", b"b"),)


@pytest.mark.parametrize("headers", [None, [(b"a",)], [("a", "b")], 7])
def test_headers_that_are_none_are_the_servers_to_refuse(headers: object) -> None:
    """What we can't read goes on as it came."""
    sent: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})

    class Server:
        def __init__(self, app: object) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            async def note(message: object) -> None:
                sent.append(message)

            await self.app(scope, receive, note)  # type: ignore[operator]
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body"})

    with capture(trace_header="x-trace-id"):
        AsgiClient(Server(ObservabilityMiddleware(app))).get("/")
    assert len(sent) == 2


def test_a_forged_traceparent_is_nothing_to_reflect() -> None:
    """The header has hex digits alone."""
    with capture(trace_header="x-trace-id"):
        for forged in ("00-<script>-00f067aa0ba902b7-01", "x" * 5000):
            headers = AsgiClient(api()).get("/data", headers={"traceparent": forged}).headers
            assert re.fullmatch("[0-9a-f]{32}", headers["x-trace-id"])


def test_loggers_that_cannot_be_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails of the logs costs no header."""

    def fail() -> None:
        raise RuntimeError("no loggers")

    with capture(trace_header="x-trace-id"):
        app = api()
        monkeypatch.setattr(logs, "take_over", fail)
        assert AsgiClient(app).get("/data", headers=CALLER).headers["x-trace-id"] == TRACE

"""Requests of ASGI applications: outcomes, traces, and what the SDK answers itself."""

import asyncio
import logging
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, WebSocket
from starlette.responses import PlainTextResponse

import kyros_obs
from kyros_obs.testing import Captured, capture
from tests.clients import AsgiClient

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"

SCOPE = {"type": "http", "method": "GET", "headers": [], "query_string": b""}


def make_app() -> FastAPI:
    """An application that answers, refuses and breaks."""
    app = FastAPI()

    @app.get("/status/{code}")
    def status(code: int) -> None:
        raise HTTPException(code)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("broken")

    @app.websocket("/socket")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("hello")
        await websocket.close()

    return app


@pytest.mark.parametrize("code", [200, 401, 403, 404, 429, 500, 503])
def test_status(seen: Captured, code: int) -> None:
    """The status sent is the label and the field."""
    AsgiClient(kyros_obs.instrument(make_app())).get(f"/status/{code}")
    assert seen.metric("http_requests_total", code=str(code)) == 1
    assert [line["status"] for line in seen.access_lines()] == [code]


@pytest.mark.parametrize(
    ("code", "event"), [(401, "auth_failed"), (403, "forbidden"), (429, "rate_limited")]
)
def test_refusals_are_security_events(seen: Captured, code: int, event: str) -> None:
    """401, 403 and 429 are counted as events, with a line that warns."""
    AsgiClient(kyros_obs.instrument(make_app())).get(f"/status/{code}")
    assert seen.metric("kyros_events_total", event=event) == 1
    assert [line["level"] for line in seen.lines if line["event"] == event] == ["warn"]


def test_unhandled_exception(seen: Captured) -> None:
    """The middleware is outside of the handler that turns an exception into a 500."""
    assert AsgiClient(kyros_obs.instrument(make_app())).get("/broken").status_code == 500
    assert seen.metric("http_requests_total", code="500", endpoint="/broken") == 1


@pytest.mark.parametrize("name", ["uvicorn.error", "gunicorn.error", "hypercorn.error"])
def test_unhandled_exception_is_one_line(seen: Captured, name: str) -> None:
    """The server's record of it is not written again, but another one's, and the next, are."""
    app = kyros_obs.instrument(make_app())
    server = logging.getLogger(name)
    heard: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    server.addHandler(handler)
    try:
        with pytest.raises(RuntimeError) as raised:
            asyncio.run(app({**SCOPE, "path": "/broken"}, _receive, _send))
        for message in ("the same", "the same again"):
            server.error(message, exc_info=raised.value)
        server.error("another", exc_info=RuntimeError("another"))
        server.error("none")
    finally:
        server.removeHandler(handler)
    errors = [line["message"] for line in seen.lines if line["level"] == "error"]
    assert errors == ["unhandled exception", "the same again", "another", "none"]
    assert heard == ["the same", *errors[1:]]


def test_exception_before_any_answer(seen: Captured) -> None:
    """An application that raises and sends nothing counts as 500, since servers answer that."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("broken")

    app = kyros_obs.instrument(make_app())
    app.mount("/raw", broken)
    AsgiClient(app).get("/raw/x")
    assert seen.metric("http_requests_total", code="500") == 1


def test_cancelled_request_is_finished(seen: Captured) -> None:
    """A request that its server gives up still has its line, and is not an error of the service."""
    app = FastAPI()

    @app.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(60)

    async def give_up() -> None:
        scope = {**SCOPE, "path": "/slow"}
        task = asyncio.ensure_future(kyros_obs.instrument(app)(scope, _receive, _send))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(give_up())
    assert [line["route"] for line in seen.access_lines()] == ["/slow"]
    assert seen.metric("http_requests_total", code="500") == 0


async def _receive() -> dict[str, Any]:
    await asyncio.sleep(60)
    return {"type": "http.disconnect"}


async def _send(_message: Any) -> None:
    """Take a message."""


def test_trace_is_continued(seen: Captured) -> None:
    """A valid `traceparent` gives the line its trace; the span is a new one."""
    client = AsgiClient(kyros_obs.instrument(make_app()))
    client.get("/status/200", headers={"traceparent": TRACEPARENT})
    line = seen.access_lines()[0]
    assert line["trace_id"] == TRACE
    assert len(line["span_id"]) == 16
    assert line["span_id"] not in TRACEPARENT


@pytest.mark.parametrize(
    "header", [None, "", "nonsense", "00-" + "0" * 32 + "-" + "1" * 16 + "-01"]
)
def test_trace_is_begun(seen: Captured, header: str | None) -> None:
    """Without a valid one each request has a trace of its own."""
    client = AsgiClient(kyros_obs.instrument(make_app()))
    for _ in range(2):
        client.get("/status/200", headers={} if header is None else {"traceparent": header})
    first, second = (line["trace_id"] for line in seen.access_lines())
    assert len(first) == 32
    assert first != second


def test_trace_is_in_every_signal_of_a_request(seen: Captured) -> None:
    """Access line, event line and audit row of a request have one trace."""
    app = FastAPI()

    @app.get("/")
    def root() -> None:
        kyros_obs.event("report_exported", outcome="success")
        kyros_obs.audit("view_dashboard", resource="clv")

    AsgiClient(kyros_obs.instrument(app)).get("/", headers={"traceparent": TRACEPARENT})
    assert {line["trace_id"] for line in seen.lines if line["event"] != "log"} == {TRACE}
    assert [row["trace_id"] for row in seen.audit] == [TRACE]


def test_scope_types_that_are_no_requests_pass_through(seen: Captured) -> None:
    """Lifespan works as before and is not measured; a WebSocket is no request."""
    app = kyros_obs.instrument(make_app())
    sent = [message["type"] for message in asyncio.run(_converse(app, "websocket", "connect"))]
    assert sent == ["websocket.accept", "websocket.send", "websocket.close"]
    sent = [message["type"] for message in asyncio.run(_converse(app, "lifespan", "startup"))]
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert seen.samples("http_requests_total") == []


async def _converse(app: FastAPI, kind: str, first: str) -> list[Any]:
    """Open a connection that is no request; everything the application sends on it."""
    sent: list[Any] = []
    received = iter([first, "shutdown", "disconnect"])

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.{next(received)}"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": kind, "path": "/socket", "headers": [], "query_string": b"", "asgi": {}}
    await app(scope, receive, send)
    return sent


def test_observed_application_in_an_observed_one(seen: Captured) -> None:
    """A request through both is one request."""
    outer, inner = FastAPI(), make_app()
    outer.mount("/inner", kyros_obs.instrument(inner))
    AsgiClient(kyros_obs.instrument(outer)).get("/inner/status/200")
    assert [line["route"] for line in seen.access_lines()] == ["/inner/status/{code}"]


SCRAPES = [
    ("127.0.0.1", {}, 200),
    ("10.1.2.3", {}, 200),
    ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 403),
    ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}, 403),
    ("127.0.0.1", {"Via": "1.1 proxy"}, 403),
    ("127.0.0.1", {"X-Real-Ip": "203.0.113.9"}, 403),
    ("203.0.113.9", {}, 403),
    ("203.0.113.9", {"Authorization": "Bearer scrape-token-1234567890"}, 200),
    ("127.0.0.1", {"Via": "1.1 p", "Authorization": "Bearer scrape-token-1234567890"}, 200),
    ("127.0.0.1", {"Via": "1.1 p", "Authorization": "Bearer wrong"}, 403),
]


PROXIES = [
    *("CDN-Loop", "CF-Connecting-IP", "Fastly-Client-IP", "Forwarded", "True-Client-IP", "Via"),
    *("X-Amzn-Trace-Id", "X-Client-IP", "X-Cluster-Client-IP", "X-Real-IP", "X-Forwarded"),
    *("X-Forwarded-For", "X-Forwarded-Proto", "X-Envoy-External-Address", "X-Azure-ClientIP"),
    *("X-AppEngine-User-IP", "X-Original-Forwarded-For", "X-Original-Host"),
]
NO_PROXIES = ["X-Request-Id", "X-Prometheus-Scrape-Timeout-Seconds", "Traceparent", "Envoy"]


@pytest.mark.parametrize(
    ("header", "status"),
    [*((header, 403) for header in PROXIES), *((header, 200) for header in NO_PROXIES)],
)
def test_what_counts_as_a_proxy(seen: Captured, header: str, status: int) -> None:
    """The headers of the proxies that are common; a client's own are none."""
    client = AsgiClient(kyros_obs.instrument(make_app()))
    assert client.get("/metrics", headers={header: "any"}).status_code == status


@pytest.mark.parametrize(("peer", "headers", "status"), SCRAPES)
def test_who_may_scrape(peer: str, headers: dict[str, str], status: int) -> None:
    """A direct private peer may; through a proxy or from outside only with the token."""
    with capture(metrics_token="scrape-token-1234567890"):  # noqa: S106 - a test's token
        client = AsgiClient(kyros_obs.instrument(make_app()), peer=peer)
        assert client.get("/metrics", headers=headers).status_code == status


def test_scrape_formats(seen: Captured) -> None:
    """The format follows `Accept`."""
    client = AsgiClient(kyros_obs.instrument(make_app()))
    client.get("/status/200")
    for accept, content_type in {
        "application/openmetrics-text;version=1.0.0": "application/openmetrics-text",
        "text/plain": "text/plain",
    }.items():
        response = client.get("/metrics", headers={"Accept": accept})
        assert response.headers["content-type"].startswith(content_type)
        assert "http_requests_total{" in response.text
    assert seen.metric("http_requests_total", endpoint="/metrics", code="200") == 2


def test_routes_of_the_application_are_never_shadowed(seen: Captured) -> None:
    """An application's own `/metrics` and `/healthz` answer, included and mounted ones too."""
    app = FastAPI()

    @app.get("/healthz")
    def healthz() -> str:
        return "my own"

    app.mount("/metrics", PlainTextResponse("my own"))
    client = AsgiClient(kyros_obs.instrument(app))
    assert client.get("/healthz").json() == "my own"
    assert "http_requests_total" not in client.get("/metrics").text
    assert seen.metric("http_requests_total", endpoint="/healthz") == 1


def test_a_catch_all_does_not_take_them() -> None:
    """A single-page application's catch-all route is not the application's `/healthz`."""
    with capture():
        app = FastAPI()

        @app.get("/{path:path}")
        def page(path: str) -> str:
            return path

        client = AsgiClient(kyros_obs.instrument(app))
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/other").json() == "other"


def test_switched_off() -> None:
    """Both can be switched off by setting."""
    with capture(metrics="false", healthz="false"):
        client = AsgiClient(kyros_obs.instrument(make_app()))
        assert client.get("/metrics").status_code == 404
        assert client.get("/healthz").status_code == 404

"""One application beside other telemetry, in a process of its own: what each says of a request.

It is run by the interpreter that has the other telemetry's packages, as
`python -m tests.coexisting PEER ORDER`, and prints lines of JSON.
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import flask
from fastapi import FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.routing import Mount

import kyros_obs
from kyros_obs import _state
from tests import peers
from tests.clients import call

TENANT = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10"
CALLED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"

#: What the handler was told.
heard: list[dict[str, str]] = []


def answer() -> str:
    """Handle a request: say whose it is, and leave a trace everywhere."""
    kyros_obs.bind(tenant_id=TENANT, tenant_slug="client-a")
    kyros_obs.audit("view_dashboard")
    heard.append(kyros_obs.trace_headers())
    return "x"


def make_api() -> Any:
    """An application of FastAPI, with a middleware in the way."""

    class Inside(BaseHTTPMiddleware):
        async def dispatch(self, request: Any, call_next: Any) -> Any:
            return await call_next(request)

    app = FastAPI()
    app.add_middleware(Inside)
    app.get("/items/{item_id}")(answer_item)
    app.websocket("/items/{item_id}")(converse)
    return app


async def answer_item(item_id: int) -> str:
    """Handle a request that has a parameter."""
    return answer()


async def converse(websocket: WebSocket, item_id: int) -> None:
    """Hold a short conversation."""
    answer()
    await websocket.accept()
    await websocket.send_text("x")
    await websocket.close()


def make_silent_api() -> Any:
    """An application of FastAPI whose own telemetry is off."""
    app = FastAPI(telemetry={"tracing": False})
    app.get("/items/{item_id}")(answer_item)
    return app


def make_mounted() -> Any:
    """An application of Starlette with one of FastAPI inside, which has telemetry of its own."""
    return Starlette(routes=[Mount("/", app=make_api())])


def make_quart() -> Any:
    """One of Quart."""
    app = import_module("quart").Quart("server")

    @app.get("/items/<int:item_id>")  # type: ignore[untyped-decorator]
    async def item(item_id: int) -> str:
        return answer()

    return app


def make_server() -> Any:
    """The same in Flask."""
    app = flask.Flask("server")

    @app.get("/items/<int:item_id>")
    def item(item_id: int) -> str:
        return answer()

    return app


def get(app: Any, headers: dict[str, str]) -> dict[str, str]:
    """Send a request without a client that the peers instrument; the headers of its answer."""
    if isinstance(app, flask.Flask):
        return {k.lower(): v for k, v in call(app, "/items/7", headers=headers).headers}
    return asyncio.run(_get(app, headers))


async def _get(app: Any, headers: dict[str, str], kind: str = "http") -> dict[str, str]:
    found: dict[str, str] = {}
    scope = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/items/7",
        "raw_path": b"/items/7",
        "query_string": b"",
        "root_path": "",
        "headers": [(k.encode(), v.encode()) for k, v in {"host": "test", **headers}.items()],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }

    first = {"http": "http.request", "websocket": "websocket.connect"}[kind]
    arrived = iter([{"type": first}])

    async def receive() -> dict[str, Any]:
        for message in arrived:
            return message
        return await asyncio.Future()

    async def send(message: Any) -> None:
        found.update((k.decode(), v.decode()) for k, v in message.get("headers", ()))

    await app(scope, receive, send)
    return found


#: What makes an application, and what instruments it besides.
PEERS: dict[str, tuple[Callable[[], Any], Callable[[Any], None]]] = {
    "native": (make_api, peers.native),
    "mounted": (make_mounted, peers.native),
    "around": (make_silent_api, peers.around),
    "raising": (make_silent_api, peers.raising),
    "contrib": (make_api, peers.contrib),
    "contrib-unsampled": (make_api, peers.unsampled),
    "asgi": (make_api, peers.asgi),
    "logfire": (make_api, peers.logfire),
    "sentry": (make_api, peers.sentry(traces_sample_rate=1.0)),
    "sentry-unsampled": (make_api, peers.sentry(traces_sample_rate=0.0)),
    "sentry-untraced": (make_api, peers.sentry()),
    "quart": (make_quart, peers.quart),
    "flask": (make_server, peers.flask),
    "wsgi": (make_server, peers.wsgi),
    "logfire-flask": (make_server, peers.logfire),
    "sentry-streamed": (make_api, peers.sentry(traces_sample_rate=1.0, trace_lifecycle="stream")),
    "sentry-around": (make_silent_api, peers.sentry_around),
    "sentry-flask": (make_server, peers.sentry(traces_sample_rate=1.0)),
}


def instrumented(peer: str, order: str) -> Any:
    """An application that both instrument: theirs `before` ours, `after`, or once it has served."""
    make, theirs = PEERS[peer]
    app = make()
    if order == "before":
        theirs(app)
    kyros_obs.instrument(app)
    if order == "served":
        get(app, {})
        heard.clear()
    if order != "before":
        theirs(app)
    return kyros_obs.instrument(app)


def observe(app: Any, headers: dict[str, str], kind: str = "http") -> None:
    """Send a request, and say what was made of it."""
    heard.clear()
    peers.exported.clear()
    is_socket = kind == "websocket"
    answered = asyncio.run(_get(app, headers, kind)) if is_socket else get(app, headers)
    runtime = _state.runtime()
    if "sentry_sdk" in sys.modules:
        sys.modules["sentry_sdk"].flush()
    exposition = runtime.scrape(OPENMETRICS, None)[0].decode()
    summary = {
        "answered": answered.get("traceresponse"),
        "heard": heard,
        "audited": [json.loads(event)["trace_id"] for event in runtime.audit_events()][-1:],
        "exemplars": re.findall(
            r'^http_requests_total.*trace_id="(\w+)"', exposition, re.MULTILINE
        ),
        "exported": peers.exported,
        "failures": re.findall(r"^kyros_instrumentation_errors_total.*", exposition, re.MULTILINE),
    }
    print(json.dumps(summary), flush=True)  # noqa: T201 - this is what the process is for


def configure(**settings: str) -> None:
    """Begin anew."""
    kyros_obs.configure(service="api", env="test", trace_header="traceresponse", **settings)


def calling() -> None:
    """A request that makes another one within the process, which nobody else measures."""
    configure(log_level="info")
    outer, inner = FastAPI(), kyros_obs.instrument(make_silent_api())

    @outer.get("/items/{item_id}")
    async def item(item_id: int) -> str:
        await _get(inner, {})
        return answer()

    peers.opentelemetry()
    observe(kyros_obs.instrument(outer), {})


def configure_exporting(receiver: str) -> None:
    """Begin anew with an exporter of ours; some peers would follow the variable, too."""
    os.environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = f"{receiver}/v1/traces"
    configure(log_level="debug")
    del os.environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]


def socket(peer: str, receiver: str) -> None:
    """A WebSocket, with an exporter of ours."""
    configure_exporting(receiver)
    observe(instrumented(peer, "after"), {}, "websocket")


def two() -> None:
    """Two applications in one process, each instrumented by another one, and neither by both."""
    configure(log_level="info")
    ours, theirs = make_silent_api(), make_silent_api()
    kyros_obs.instrument(ours)
    peers.contrib(theirs)
    observe(ours, {})
    observe(theirs, {})


def main(peer: str, order: str, receiver: str, *called: str) -> None:
    """Send one request without an exporter of ours, and one with it."""
    configure(log_level="info")
    app = instrumented(peer, order)
    headers = {"traceparent": CALLED} if called else {}
    observe(app, headers)
    configure_exporting(receiver)
    observe(app, headers)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["two"]:
            two()
        case ["calling"]:
            calling()
        case ["socket", peer, receiver]:
            socket(peer, receiver)
        case arguments:
            main(*arguments)

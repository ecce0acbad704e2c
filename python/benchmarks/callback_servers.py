"""One application of Dash for each backend, and its callback dispatched in this process.

Dash is imported with this module: a contestant that has to be there before it comes first.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from typing import Any, Protocol

import dash
from dash import Input, Output, html

FLASK, FASTAPI = "Flask", "FastAPI"
PATH = "/_dash-update-component"

#: What the browser sends when the button is clicked.
CLICK = json.dumps(
    {
        "output": "figure.children",
        "outputs": {"id": "figure", "property": "children"},
        "inputs": [{"id": "go", "property": "n_clicks", "value": 1}],
        "changedPropIds": ["go.n_clicks"],
    }
).encode()

Function = Callable[..., Any]
#: Status, headers and body.
Answer = tuple[object, list[Any], bytes]


class Server(Protocol):
    """A server that is called without sockets."""

    def dispatch(self, times: int) -> Answer:
        """Run the callback that often; the last answer."""


def application(backend: str, observed: Function | None = None) -> dash.Dash:
    """An application of one callback, whose function `observed` may wrap.

    The callback is registered by `dash.callback` where it stands when the application is made, for
    one of the peers exchanges that.
    """
    options = {"server": _fastapi()} if backend == FASTAPI else {}
    app = dash.Dash("bench", **options)
    app.layout = html.Div([html.Button(id="go"), html.Div(id="figure")])
    register = app.callback if observed is None else dash.callback
    wrap = observed or (lambda function: function)

    def figure(clicks: int) -> str:
        return f"{clicks} clicks"

    register(Output("figure", "children"), Input("go", "n_clicks"))(wrap(figure))
    return app


def served(app: dash.Dash) -> Server:
    """The application's server, ready."""
    server = Wsgi(app.server) if hasattr(app.server, "wsgi_app") else Asgi(app.server)
    server.dispatch(1)
    return server


def _fastapi() -> Any:  # noqa: ANN401 - Dash takes any server
    from fastapi import FastAPI  # noqa: PLC0415 - of one backend alone

    return FastAPI()


class Wsgi:
    """Calls a WSGI application."""

    def __init__(self, app: Function) -> None:
        """Name it."""
        self._app = app
        self._start: tuple[object, list[Any]] = ("", [])
        self._environ = {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": PATH,
            "QUERY_STRING": "",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(CLICK)),
            "SERVER_NAME": "bench",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "bench",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }

    def dispatch(self, times: int) -> Answer:
        """Run the callback that often; the last answer."""
        body = b""
        for _ in range(times):
            body = self._call()
        return (*self._start, body)

    def _call(self) -> bytes:
        chunks = self._app({**self._environ, "wsgi.input": io.BytesIO(CLICK)}, self._started)
        try:
            return b"".join(chunks)
        finally:
            chunks.close()

    def _started(self, status: str, headers: list[Any], _exc_info: object = None) -> None:
        self._start = status, headers


class Asgi:
    """Calls an ASGI application."""

    def __init__(self, app: Function) -> None:
        """Name it."""
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._sent: list[dict[str, Any]] = []
        self._scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": PATH,
            "raw_path": PATH.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [
                (b"host", b"bench"),
                (b"content-type", b"application/json"),
                (b"content-length", str(len(CLICK)).encode()),
            ],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }

    def dispatch(self, times: int) -> Answer:
        """Run the callback that often; the last answer."""
        self._loop.run_until_complete(self._calls(times))
        start, *bodies = self._sent
        return start["status"], start["headers"], b"".join(one["body"] for one in bodies)

    async def _calls(self, times: int) -> None:
        for _ in range(times):
            self._sent = []
            await self._app({**self._scope, "state": {}}, _receive, self._send)

    async def _send(self, message: dict[str, Any]) -> None:
        self._sent.append(message)


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": CLICK, "more_body": False}

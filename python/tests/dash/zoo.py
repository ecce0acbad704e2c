"""One application with each kind of callback, for each server that Dash can have.

Who calls it says for which tenant in a header, and is refused where nobody is: a guard of the
server's own leaves the tenant where its framework has it.
"""

import importlib.util
import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import dash
import flask
from dash import ALL, MATCH, Input, Output, html
from dash.exceptions import PreventUpdate

import kyros_obs

PREFIX = "/dash/zoo/"
SLUG = "zoo"
#: The header that says for which tenant a call is.
TENANT = "x-zoo-tenant"
#: Where models call callbacks: FastAPI's backend of Dash serves what begins like this alone.
MODEL = "_dash-mcp"
#: Set where nothing is to be observed.
PLAIN = "ZOO_PLAIN"

#: What models are told of are callbacks for what is in the layout.
PLACES = ("large", "broken", "prevented", "logged")

log = logging.getLogger("zoo")
App = Callable[..., Awaitable[None]]


def make_flask() -> Any:
    """For gunicorn; its callbacks are asynchronous where asgiref can be imported."""
    app = _app()
    server: flask.Flask = app.server

    @server.before_request
    def guard() -> tuple[str, int] | None:
        flask.g.tenant_id = flask.request.headers.get(TENANT)
        return None if flask.g.tenant_id else ("nobody", 401)

    _observe(app)
    return server


def make_fastapi() -> Any:
    """For uvicorn."""
    from fastapi import FastAPI  # noqa: PLC0415 - Dash 3 has one server alone

    server = FastAPI()
    app = _app(server=server)
    server.add_middleware(Guard)
    _observe(app)
    return server


def make_quart() -> Any:
    """For uvicorn, too."""
    import quart  # noqa: PLC0415 - Dash 3 has one server alone

    server = quart.Quart("zoo")
    app = _app(server=server)

    async def guard() -> tuple[str, int] | None:
        connection = quart.request if quart.has_request_context() else quart.websocket
        quart.g.tenant_id = connection.headers.get(TENANT)
        return None if quart.g.tenant_id else ("nobody", 401)

    server.before_request(guard)
    server.before_websocket(guard)
    _observe(app)
    return server


class Guard:
    """The guard as ASGI middleware."""

    def __init__(self, app: App) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Serve one call."""
        if scope["type"] in {"http", "websocket"}:
            tenant = dict(scope["headers"]).get(TENANT.encode())
            if not tenant:
                start = {"type": "http.response.start", "status": 401, "headers": []}
                await send(start)
                await send({"type": "http.response.body", "body": b"nobody"})
                return
            scope.setdefault("state", {})["tenant_id"] = tenant.decode()
        await self._app(scope, receive, send)


def _observe(app: dash.Dash) -> None:
    if PLAIN not in os.environ:
        kyros_obs.instrument(app)


def _app(**server: Any) -> dash.Dash:
    """Half of its callbacks are there before it is observed, half come after."""
    extra: dict[str, Any] = {}
    if importlib.util.find_spec("dash.backends") is not None:  # so it is of version 4.2 or later
        extra = {"enable_mcp": True, "mcp_path": MODEL, "websocket_callbacks": bool(server)}
    app = dash.Dash(
        "zoo",
        url_base_pathname=PREFIX,
        use_pages=True,
        pages_folder="",
        suppress_callback_exceptions=True,
        **server,
        **extra,
    )
    app.layout = html.Div([html.Button(id="go"), *map(_div, PLACES), dash.page_container])
    dash.register_page("home", path="/", layout=html.Div("home"))
    dash.register_page("client", path_template="/client/<number>", layout=_client)
    _plain(app)
    _elsewhere(app)
    _patterns(app)
    _failing(app)
    if hasattr(app, "setup_apis"):
        app.setup_apis()
    return app


def _div(place: str) -> html.Div:
    return html.Div(id=place)


def _client(number: str | None = None) -> html.Div:
    return html.Div(number)


def _plain(app: dash.Dash) -> None:
    @app.callback(Output("one", "children"), Input("go", "n_clicks"), **_api("/api/one"))
    def one(clicks: int) -> str:
        """Answer the clicks."""
        return f"{clicks} clicks"

    @app.callback(Output("a", "children"), Output("b", "value"), Input("go", "n_clicks"))
    def several(clicks: int) -> tuple[int, int]:
        return clicks, clicks + 1

    @app.callback(
        Output("one", "children", allow_duplicate=True),
        Input("again", "n_clicks"),
        prevent_initial_call=True,
    )
    def duplicate(clicks: int) -> str:
        return f"again {clicks}"

    @app.callback(Input("silent", "n_clicks"))
    def no_output(_clicks: int) -> None:
        dash.set_props("elsewhere", {"children": "set"})

    @app.callback(
        Output("partial", "children"), Output("rest", "children"), Input("go", "n_clicks")
    )
    def partial(clicks: int) -> Any:
        return clicks, dash.no_update

    @app.callback(Output("large", "children"), Input("go", "n_clicks"))
    def large(_clicks: int) -> str:
        return "x" * 5000

    @app.callback(Output("bound", "children"), Input("whose", "value"))
    def bound(tenant: str) -> str:
        kyros_obs.bind(tenant_id=tenant)
        return tenant


def _elsewhere(app: dash.Dash) -> None:
    @dash.callback(Output("global", "children"), Input("go", "n_clicks"))
    def for_all(clicks: int) -> str:
        return f"global {clicks}"

    app.clientside_callback(
        "function (clicks) { return clicks; }",
        Output("browser", "children"),
        Input("go", "n_clicks"),
    )
    if _is_asynchronous(app):

        @app.callback(Output("coroutine", "children"), Input("go", "n_clicks"))
        async def coroutine(clicks: int) -> str:
            return f"awaited {clicks}"


def _patterns(app: dash.Dash) -> None:
    @app.callback(
        Output({"type": "x", "index": MATCH}, "children"),
        Input({"type": "x", "index": MATCH}, "id"),
    )
    def matched(one: dict[str, object]) -> str:
        return str(one["index"])

    @app.callback(Output("sum", "children"), Input({"type": "y", "index": ALL}, "value"))
    def total(values: list[int]) -> int:
        return sum(values)


def _failing(app: dash.Dash) -> None:
    @app.callback(Output("prevented", "children"), Input("go", "n_clicks"))
    def prevented(_clicks: int) -> str:
        raise PreventUpdate

    @app.callback(Output("unchanged", "children"), Input("go", "n_clicks"))
    def unchanged(_clicks: int) -> Any:
        return dash.no_update

    @app.callback(Output("broken", "children"), Input("go", "n_clicks"))
    def broken(_clicks: int) -> str:
        raise RuntimeError("broken")

    @app.callback(
        Output("swallowed", "children"), Input("go", "n_clicks"), on_error=lambda _error: "sorry"
    )
    def swallowed(_clicks: int) -> str:
        raise RuntimeError("swallowed")

    @app.callback(Output("logged", "children"), Input("go", "n_clicks"))
    def logged(_clicks: int) -> str:
        try:
            int("no number")
        except ValueError:
            log.exception("no figure")
        return "an empty figure"


def _is_asynchronous(app: dash.Dash) -> bool:
    """Whether coroutines can be callbacks: on every server but Flask, and there with asgiref."""
    return not isinstance(app.server, flask.Flask) or bool(getattr(app, "_use_async", False))


def _api(route: str) -> dict[str, str]:
    """Has a callback answer at a route of its own, too, where Dash can do that."""
    from dash import _callback  # noqa: PLC0415 - only to know which Dash it is

    return {"api_endpoint": route} if hasattr(_callback, "GLOBAL_API_PATHS") else {}

"""Applications that servers run in processes of their own."""

from collections.abc import Iterator

import dash
import flask
from dash import Input, Output, html
from fastapi import FastAPI

import kyros_obs

TENANT = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10"


def make_api() -> FastAPI:
    """For `uvicorn --factory`."""
    kyros_obs.configure(service="api", env="test")
    app = FastAPI()

    @app.get("/items/{item_id}")
    def item(item_id: int) -> int:
        kyros_obs.bind(tenant_id=TENANT)
        kyros_obs.audit("view_dashboard", resource=str(item_id))
        return item_id

    @app.get("/broken")
    def broken() -> None:
        kyros_obs.bind(tenant_id=TENANT)
        raise RuntimeError("broken")

    return kyros_obs.instrument(app)


def make_dash() -> flask.Flask:
    """For `gunicorn --preload`: all of it, a line and an audit row included, is before the fork."""
    kyros_obs.configure(service="dash-app", env="test")
    app = dash.Dash("app", url_base_pathname="/dash/clv/")
    app.layout = html.Div()

    server: flask.Flask = app.server

    @server.before_request
    def guard() -> tuple[str, int] | None:
        flask.g.tenant_id = TENANT
        return None if "Authorization" in flask.request.headers else ("invalid token", 401)

    @server.get("/broken")
    def broken() -> str:
        raise RuntimeError("broken")

    @server.get("/stream")
    def stream() -> flask.Response:
        def chunks() -> Iterator[bytes]:
            yield b"begun"
            raise RuntimeError("broken while it is sent")

        return flask.Response(chunks())

    @app.callback(Output("fine", "children"), Input("go", "n_clicks"))
    def fine(clicks: int) -> str:
        kyros_obs.audit("view_dashboard", resource="clv")
        return str(clicks)

    kyros_obs.instrument(app)
    kyros_obs.event("started")
    kyros_obs.audit("reload_cache")
    return server

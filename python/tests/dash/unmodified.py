"""Dash applications that don't know of us, on one server behind one guard."""

from typing import Any, cast

import dash
import flask
from dash import Input, Output, html

SLUGS = ("clv", "risk")
#: The header without which nobody is let in.
CALLER = "x-caller"

server: Any = flask.Flask("unmodified")


def guard() -> tuple[str, int] | None:
    """Let nobody in without a name."""
    return None if flask.request.headers.get(CALLER) else ("nobody", 401)


def greet(clicks: int) -> str:
    """Answer with the clicks."""
    return f"clicked {clicks}"


def make() -> flask.Flask:
    """For gunicorn."""
    server.before_request(guard)
    add_applications(server)
    return cast("flask.Flask", server)


def make_fastapi() -> Any:
    """For uvicorn, where Dash can have it."""
    from fastapi import FastAPI  # noqa: PLC0415 - Dash 3 has one server alone
    from fastapi.responses import PlainTextResponse  # noqa: PLC0415 - as above

    api = FastAPI()
    add_applications(api)

    async def let_in(request: Any, call_next: Any) -> Any:
        if request.headers.get(CALLER):
            return await call_next(request)
        return PlainTextResponse("nobody", 401)

    api.middleware("http")(let_in)
    return api


def add_applications(place: Any) -> None:
    """Have them served."""
    for slug in SLUGS:
        app = dash.Dash(slug, server=place, url_base_pathname=f"/dash/{slug}/")
        app.layout = html.Div()
        app.callback(Output("greeting", "children"), Input("go", "n_clicks"))(greet)

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
    for slug in SLUGS:
        app = dash.Dash(slug, server=server, url_base_pathname=f"/dash/{slug}/")
        app.layout = html.Div()
        app.callback(Output("greeting", "children"), Input("go", "n_clicks"))(greet)
    return cast("flask.Flask", server)

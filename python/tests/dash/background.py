"""A Dash application with a callback that runs in a process of its own."""

import os

import dash
import diskcache  # type: ignore[import-untyped]
import flask
from dash import Input, Output, html

import kyros_obs

#: Where results are kept.
CACHE = "DASH_BACKGROUND_CACHE"

worked = kyros_obs.counter("worked_total", "Clicks that were worked on.")


def make() -> flask.Flask:
    """For gunicorn."""
    kyros_obs.configure()
    manager = dash.DiskcacheManager(diskcache.Cache(os.environ[CACHE]))
    app = dash.Dash("background", background_callback_manager=manager)
    app.layout = html.Div()

    @app.callback(Output("done", "children"), Input("go", "n_clicks"), background=True)
    def slow(clicks: int) -> str:
        worked.inc(clicks)
        return str(os.getpid())

    kyros_obs.instrument(app)
    server: flask.Flask = app.server
    return server

"""A Dash application whose callbacks run in the background, in processes of their own or in Celery.

What it is made of is registered before it is observed, or after.
"""

import logging
import os
from pathlib import Path
from typing import Any

import celery  # type: ignore[import-untyped]
import dash
import diskcache  # type: ignore[import-untyped]
import flask
from dash import Input, Output, html
from dash.exceptions import PreventUpdate

import kyros_obs
from tests.celery_broker import broker
from tests.dash.zoo import TENANT

#: Where results and messages are.
FILES = "DASH_JOBS_FILES"
#: `diskcache` or `celery`.
MANAGER = "DASH_JOBS_MANAGER"
#: Whether the application is observed when its callbacks are there already.
LATE = "DASH_JOBS_LATE"
SLUG = "jobs"

log = logging.getLogger("jobs")


def make_celery() -> celery.Celery:
    """For workers, and for who sends them jobs."""
    files = Path(os.environ[FILES])
    app = broker(files / "messages")
    app.conf.update(
        result_backend=f"tests.dash.results:Results+file://{files / 'results'}",
        task_ignore_result=False,
    )
    return app


def make_app() -> dash.Dash:
    """For both."""
    app = dash.Dash(SLUG, background_callback_manager=_manager())
    app.layout = html.Div()
    late = os.environ.get(LATE) == "true"
    if not late:
        kyros_obs.instrument(app)
    _callbacks(app)
    if late:
        kyros_obs.instrument(app)
    return app


def make_flask() -> flask.Flask:
    """For gunicorn."""
    server: flask.Flask = make_app().server

    def guard() -> None:
        flask.g.tenant_id = flask.request.headers.get(TENANT)
        flask.g.user = {"sub": "7d9c1b52-6f0e-4f57-8b1e-0d5f0f7c2a11"}

    server.before_request(guard)
    return server


def _manager() -> Any:
    if os.environ[MANAGER] == "celery":
        return dash.CeleryManager(celery_app)
    return dash.DiskcacheManager(diskcache.Cache(str(Path(os.environ[FILES]) / "cache")))


def _callbacks(app: dash.Dash) -> None:
    @app.callback(Output("done", "children"), Input("go", "n_clicks"), background=True)
    def done(_clicks: int) -> str:
        log.warning("at work")
        kyros_obs.audit("view_dashboard", resource="job")
        return str(os.getpid())

    @app.callback(Output("broken", "children"), Input("go", "n_clicks"), background=True)
    def broken(_clicks: int) -> str:
        raise RuntimeError("the job failed")

    @app.callback(
        Output("handled", "children"),
        Input("go", "n_clicks"),
        background=True,
        on_error=lambda _error: "sorry",
    )
    def handled(_clicks: int) -> str:
        raise RuntimeError("the other job failed")

    @app.callback(Output("prevented", "children"), Input("go", "n_clicks"), background=True)
    def prevented(_clicks: int) -> str:
        raise PreventUpdate

    @app.callback(
        Output("progressing", "children"),
        Input("go", "n_clicks"),
        background=True,
        progress=[Output("bar", "value")],
    )
    def progressing(tell: Any, clicks: int) -> str:
        tell((str(clicks),))
        return "ready"


if os.environ.get(MANAGER) == "celery":
    celery_app = make_celery()
    application = make_app()

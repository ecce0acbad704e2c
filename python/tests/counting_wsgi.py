"""The same application for WSGI servers; apart, since importing Flask takes its time."""

import os
from collections.abc import Callable, Iterable
from typing import Any

import flask

import kyros_obs
from kyros_obs.wsgi import Environ, StartResponse
from tests.counting import WORKER, do


def make_wsgi() -> Callable[..., Iterable[bytes]]:
    """For gunicorn and granian."""
    kyros_obs.configure()
    app = flask.Flask(__name__)

    @app.get("/do/<what>")
    def asked(what: str) -> str:
        return do(what, flask.request.args.values())

    @app.get("/traced")
    def traced() -> str:
        return "ok"

    kyros_obs.instrument(app)

    def signed(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def sign(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, (WORKER, str(os.getpid()))], *rest)

        return app(environ, sign)

    return signed

"""What `flask.g` has of an earlier request is nobody's in the next one."""

import logging

import flask
import pytest

import kyros_obs
from kyros_obs.testing import Captured
from tests.clients import call

TENANT, OTHER = "acme", "globex"


def make_app() -> flask.Flask:
    """An application whose guard says whose a request is, where a header does."""
    app = flask.Flask(__name__)

    @app.before_request
    def guard() -> None:
        tenant = flask.request.headers.get("whose")
        if tenant:
            flask.g.tenant_id, flask.g.user = tenant, {"sub": f"of-{tenant}"}

    @app.get("/")
    def root() -> str:
        logging.getLogger(__name__).info("said")
        return "ok"

    return kyros_obs.instrument(app)


@pytest.mark.parametrize("pushed", [True, False])
def test_nothing_is_left_for_the_next_request(seen: Captured, *, pushed: bool) -> None:
    """An application context around all requests, such as a module may push, is shared by them."""
    app = make_app()
    context = app.app_context()
    if pushed:
        context.push()
    for whose in (TENANT, "", OTHER, ""):
        assert call(app, "/", headers={"whose": whose}).status_code == 200
    if pushed:
        context.pop()
    told = [(line["tenant_id"], line["sub"]) for line in seen.access_lines()]
    assert told == [(TENANT, "of-acme"), (None, None), (OTHER, "of-globex"), (None, None)]
    said = [line["tenant_id"] for line in seen.lines if line.get("message") == "said"]
    assert said == [TENANT, None, OTHER, None]

"""Routes that are left out: neither measured nor logged, in every framework."""

import logging

import flask
import pytest
from fastapi import FastAPI, HTTPException

import kyros_obs
from kyros_obs import testing
from kyros_obs.exceptions import ConfigError
from tests.clients import AsgiClient, call

EXCLUDE = "/healthz, /static/*, /quiet/{name}"


def fastapi_app() -> FastAPI:
    """Routes under excluded and other paths."""
    app = kyros_obs.instrument(FastAPI())

    @app.get("/quiet/{name}")
    async def quiet(name: str) -> None:
        kyros_obs.bind(tenant_id="t1")
        logging.getLogger("app").warning("still said")
        if name == "broken":
            raise RuntimeError(name)
        if name == "refused":
            raise HTTPException(401)

    @app.get("/loud")
    async def loud() -> None: ...

    return app


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/quiet/fine", 200),
        ("/quiet/refused", 401),
        ("/quiet/broken", 500),
        ("/static/no-such-file", 404),
        ("/healthz", 200),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/prefix"])
def test_an_excluded_request_leaves_no_sample_and_no_line(
    path: str, status: int, prefix: str
) -> None:
    """Whatever its status; what the application logs in it is written, as whose it is."""
    with testing.capture(exclude=EXCLUDE) as seen:
        client = AsgiClient(fastapi_app(), root_path=prefix)
        assert client.get(prefix + path).status_code == status
        assert client.get(prefix + "/loud").status_code == 200
        assert [line["route"] for line in seen.access_lines()] == ["/loud"]
        assert seen.metric("http_requests_total") == 1
        assert seen.metric("http_request_duration_seconds_count") == 1
        assert seen.metric("kyros_events_total") == 0
        said = [line for line in seen.lines if line["message"] == "still said"]
        assert [line["tenant_id"] for line in said] == ["t1"] * path.startswith("/quiet")


@pytest.mark.parametrize(("path", "status"), [("/quiet/x", 200), ("/static/x", 404)])
def test_flask_leaves_them_out_too(path: str, status: int) -> None:
    """By template and by path."""
    with testing.capture(exclude=EXCLUDE) as seen:
        server = kyros_obs.instrument(flask.Flask(__name__))
        server.add_url_rule("/quiet/<name>", "quiet", lambda name: name)
        server.add_url_rule("/loud", "loud", lambda: "")
        assert call(server, path).status_code == status
        assert call(server, "/loud").status_code == 200
        assert [line["route"] for line in seen.access_lines()] == ["/loud"]
        assert seen.metric("http_requests_total") == 1


def test_what_a_handler_waits_for_is_measured_all_the_same() -> None:
    """It is the database's load, whoever causes it."""
    with testing.capture(exclude="/poll") as seen:
        app = kyros_obs.instrument(FastAPI())
        app.get("/poll")(kyros_obs.cache("values").hit)
        assert AsgiClient(app).get("/poll").status_code == 200
        assert seen.metric("cache_requests_total") == 1
        assert seen.access_lines() == []


@pytest.mark.parametrize("value", ["healthz", "/a, ,/b", "/a/*/b"])
def test_what_can_be_no_route_is_refused(value: str) -> None:
    """When it is configured."""
    with pytest.raises(ConfigError, match="`exclude`"):
        kyros_obs.configure(service="test", exclude=value)

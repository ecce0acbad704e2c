"""Requests of Flask applications: routes, outcomes, and what the SDK answers itself."""

from collections.abc import Iterator
from typing import Any, cast

import flask
import pytest
from a2wsgi import WSGIMiddleware
from fastapi import FastAPI
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client

import kyros_obs
from kyros_obs.testing import Captured
from tests.clients import AsgiClient, call

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def make_app() -> flask.Flask:
    """An application behind a guard that refuses everything below `/private`."""
    app = flask.Flask(__name__)

    @app.before_request
    def guard() -> tuple[str, int] | None:
        return ("not you", 401) if "Authorization" not in flask.request.headers else None

    @app.get("/items/<int:item_id>")
    def item(item_id: int) -> str:
        return str(item_id)

    @app.get("/pages/<path:path>")
    def page(path: str) -> str:
        return path

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("broken")

    return app


HEADERS = {"Authorization": "Bearer anything"}


@pytest.mark.parametrize(
    ("method", "path", "status", "endpoint"),
    [
        ("GET", "/items/7", 200, "/items/{item_id}"),
        ("HEAD", "/items/7", 200, "/items/{item_id}"),
        ("POST", "/items/7", 405, "_unmatched"),
        ("GET", "/pages/a/b", 200, "/pages/{path}"),
        ("GET", "/static/absent", 404, "/static/{filename}"),
        ("GET", "/broken", 500, "/broken"),
        ("GET", "/nowhere", 404, "_unmatched"),
    ],
)
def test_routes(seen: Captured, method: str, path: str, status: int, endpoint: str) -> None:
    """The label is the template of the rule, in the notation of the other routes."""
    app = kyros_obs.instrument(make_app())
    assert call(app, path, method, headers=HEADERS).status_code == status
    labels = {"endpoint": endpoint, "method": method, "code": str(status)}
    assert seen.metric("http_requests_total", **labels) == 1
    assert [line["route"] for line in seen.access_lines()] == [endpoint]


@pytest.mark.parametrize("path", ["/metrics", "/healthz"])
def test_answered_in_front_of_guards(seen: Captured, path: str) -> None:
    """No `before_request` guard keeps Prometheus or the kubelet out."""
    app = kyros_obs.instrument(make_app())
    assert call(app, "/items/7").status_code == 401
    assert call(app, path).status_code == 200
    assert call(app, path, "HEAD").get_data() == b""
    assert seen.metric("http_requests_total", endpoint=path, code="200") == 2


def test_scrape_through_a_proxy_is_refused(seen: Captured) -> None:
    """The same rule as for ASGI."""
    app = kyros_obs.instrument(make_app())
    assert call(app, "/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    assert seen.metric("http_requests_total", endpoint="/metrics", code="403") == 1


def test_own_routes_are_not_shadowed(seen: Captured) -> None:
    """An application's own `/healthz` answers."""
    app = flask.Flask(__name__)
    app.add_url_rule("/healthz", view_func=lambda: "my own")
    assert call(kyros_obs.instrument(app), "/healthz").text == "my own"
    assert len(seen.access_lines()) == 1


def test_exceptions_reach_the_server(seen: Captured) -> None:
    """Where Flask lets an exception through, so do we, and count a 500."""
    app = kyros_obs.instrument(make_app())
    app.testing = True
    with pytest.raises(RuntimeError, match="broken"):
        app.test_client().get("/broken", headers=HEADERS)
    assert seen.metric("http_requests_total", code="500", endpoint="/broken") == 1


def test_trace_is_continued(seen: Captured) -> None:
    """The same as for ASGI."""
    traceparent = f"00-{TRACE}-00f067aa0ba902b7-01"
    app = kyros_obs.instrument(make_app())
    call(app, "/items/7", headers={**HEADERS, "traceparent": traceparent})
    assert [line["trace_id"] for line in seen.access_lines()] == [TRACE]


def test_mounted_by_a_dispatcher(seen: Captured) -> None:
    """The mount is part of the label."""
    app = kyros_obs.instrument(make_app())
    root = flask.Flask("root")
    root.wsgi_app = DispatcherMiddleware(root.wsgi_app, {"/mounted": app})  # type: ignore[method-assign]
    call(root, "/mounted/items/7", headers=HEADERS)
    assert [line["route"] for line in seen.access_lines()] == ["/mounted/items/{item_id}"]


def test_mounted_in_an_observed_asgi_application(seen: Captured) -> None:
    """A request through both is one request, and has the inner template."""
    outer = FastAPI()
    inner: Any = kyros_obs.instrument(make_app())
    outer.mount("/flask", cast("Any", WSGIMiddleware(inner)))
    response = AsgiClient(kyros_obs.instrument(outer)).get("/flask/items/7", headers=HEADERS)
    assert response.status_code == 200
    assert [line["route"] for line in seen.access_lines()] == ["/flask/items/{item_id}"]
    assert seen.metric("http_requests_total") == 1


@pytest.mark.parametrize("root_path", ["", "/proxy"])
def test_mounted_below_a_parameter(seen: Captured, root_path: str) -> None:
    """The mounts' templates are in the label, never what was in their place."""
    outer = FastAPI()
    inner: Any = kyros_obs.instrument(make_app())
    outer.mount("/of/{tenant}/flask", cast("Any", WSGIMiddleware(inner)))
    client = AsgiClient(kyros_obs.instrument(outer), root_path=root_path)
    for tenant in ("acme", "globex"):
        path = f"{root_path}/of/{tenant}/flask/items/7"
        assert client.get(path, headers=HEADERS).status_code == 200
    template = "/of/{tenant}/flask/items/{item_id}"
    assert [line["route"] for line in seen.access_lines()] == [template] * 2


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("mount", ["", "/mounted"])
def test_a_proxys_prefix_is_in_no_label(seen: Captured, mount: str, *, late: bool) -> None:
    """A client may choose it, where its proxy hands it on."""
    app = make_app()
    if late:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)  # type: ignore[method-assign]
    kyros_obs.instrument(app)
    outer: Any = app if not mount else DispatcherMiddleware(flask.Flask("root"), {mount: app})
    outer = outer if late else ProxyFix(outer, x_prefix=1)
    client = Client(outer)
    for prefix in ("/one", "/two/three"):
        headers = {**HEADERS, "X-Forwarded-Prefix": prefix}
        client.get(f"{mount}/items/7", headers=headers).close()
    # Where it takes the place of the mount, that is gone.
    template = "/items/{item_id}" if late else f"{mount}/items/{{item_id}}"
    assert [line["route"] for line in seen.access_lines()] == [template] * 2


def test_a_prefix_that_gunicorn_was_told_is_in_no_label(seen: Captured) -> None:
    """It takes that of a proxy over from a header."""
    app = kyros_obs.instrument(make_app())
    for prefix in ("/one", "/two"):
        told = {"SCRIPT_NAME": prefix, "HTTP_SCRIPT_NAME": prefix}
        Client(app).get("/items/7", headers=HEADERS, environ_overrides=told).close()
    assert [line["route"] for line in seen.access_lines()] == ["/items/{item_id}"] * 2


def test_streams_have_their_context(seen: Captured) -> None:
    """What a generator logs while it is sent belongs to its request."""
    app = flask.Flask(__name__)

    @app.get("/")
    def stream() -> flask.Response:
        def chunks() -> object:
            kyros_obs.event("chunk_made")
            yield b"x"

        return flask.Response(chunks())  # type: ignore[arg-type]

    call(kyros_obs.instrument(app), "/")
    event, access = seen.lines
    assert event["trace_id"] == access["trace_id"]


@pytest.mark.parametrize("is_read", [True, False])
def test_what_is_closed_has_its_context(seen: Captured, *, is_read: bool) -> None:
    """What is logged as a server closes an answer belongs to its request, wherever that ended."""
    app = flask.Flask(__name__)

    @app.get("/")
    def stream() -> flask.Response:
        def chunks() -> Iterator[bytes]:
            try:
                yield b"x"
                yield b"y"
            finally:
                kyros_obs.event("left")

        kyros_obs.bind(tenant_id="acme")
        response = flask.Response(flask.stream_with_context(chunks()))
        response.call_on_close(lambda: kyros_obs.event("closed"))
        return response

    answer = iter(Client(kyros_obs.instrument(app)).get("/").response)
    assert next(answer) == b"x"
    if is_read:
        assert list(answer) == [b"y"]
    answer.close()  # type: ignore[attr-defined]
    lines = {line["event"]: line for line in seen.lines}
    assert {line["tenant_id"] for line in lines.values()} == {"acme"}
    assert len({line["trace_id"] for line in lines.values()}) == 1
    assert lines.keys() == {"left", "closed", "access"}

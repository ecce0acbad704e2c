"""Where an application of Dash may be: in another one, behind a proxy, several on one server."""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import requires
from typing import Any, cast

import dash
import flask
import httpx
import pytest
from a2wsgi import WSGIMiddleware
from dash import Input, Output, html
from fastapi import FastAPI

import kyros_obs
from kyros_obs.testing import Captured
from tests.clients import AsgiClient, target
from tests.dash.test_paths import SEVERAL
from tests.dash.visitor import ACME
from tests.serving import served

PATH = "/dash/clv/"
GREETING = {
    "output": "greeting.children",
    "outputs": target("greeting", "children"),
    "inputs": [{"id": "go", "property": "n_clicks", "value": 1}],
    "changedPropIds": ["go.n_clicks"],
}


def dashboard(**options: Any) -> dash.Dash:
    """An application with one callback."""
    app = dash.Dash("app", **options)
    app.layout = html.Div()
    app.callback(Output("greeting", "children"), Input("go", "n_clicks"))(greet)
    return app


def greet(clicks: int) -> str:
    """Answer with the clicks."""
    return str(clicks)


def for_acme(app: FastAPI) -> FastAPI:
    """Have a middleware say for whom requests are."""

    async def authenticate(request: Any, call_next: Callable[..., Any]) -> Any:
        request.state.tenant_id = ACME
        return await call_next(request)

    app.middleware("http")(authenticate)
    return app


def mounted(*, observes_outer: bool, observes_inner: bool, guarded: bool) -> FastAPI:
    """A Dash application on Flask in FastAPI."""
    app = FastAPI() if guarded else for_acme(FastAPI())
    inner = dashboard(requests_pathname_prefix=PATH, routes_pathname_prefix="/")
    if guarded:
        inner.server.before_request(lambda: setattr(flask.g, "tenant_id", ACME))
    app.mount(PATH.rstrip("/"), cast("Any", WSGIMiddleware(inner.server)))
    if observes_inner:
        kyros_obs.instrument(inner)
    return kyros_obs.instrument(app) if observes_outer else app


@pytest.mark.parametrize(
    ("outer", "inner", "guarded", "runs", "tenant"),
    [
        (True, True, False, 1, ACME),
        (True, True, True, 1, ACME),
        (False, True, True, 1, ACME),
        (False, True, False, 1, "_none"),
        (True, False, False, 0, ACME),
    ],
)
def test_mounted(
    seen: Captured, *, outer: bool, inner: bool, guarded: bool, runs: int, tenant: str
) -> None:
    """One request, whoever is observed, and for whom either of them says it is."""
    app = mounted(observes_outer=outer, observes_inner=inner, guarded=guarded)
    with served(app) as port:
        assert ask(port).status_code == 200
    labels = {"app_slug": "clv", "callback": "greeting.children", "tenant_id": tenant}
    assert seen.metric("dash_callbacks_total", **labels) == runs
    assert seen.metric("dash_callbacks_total") == runs
    assert seen.metric("http_requests_total", tenant_id=tenant) == 1
    assert seen.metric("http_requests_total") == 1


def ask(port: int) -> Any:
    """Run the callback."""
    return httpx.post(f"http://127.0.0.1:{port}{PATH}_dash-update-component", json=GREETING)


@pytest.mark.filterwarnings("ignore:starlette.middleware.wsgi")
def test_mounted_by_starlette(seen: Captured) -> None:
    """By its own way, which is going away."""
    wsgi = import_module("starlette.middleware.wsgi")
    app = for_acme(FastAPI())
    inner = dashboard(requests_pathname_prefix=PATH, routes_pathname_prefix="/")
    app.mount(PATH.rstrip("/"), wsgi.WSGIMiddleware(kyros_obs.instrument(inner).server))
    client = AsgiClient(kyros_obs.instrument(app))
    assert client.request("POST", f"{PATH}_dash-update-component", json=GREETING).text
    assert seen.metric("dash_callbacks_total", tenant_id=ACME, app_slug="clv") == 1
    assert seen.metric("http_requests_total") == 1


def test_behind_a_proxy(seen: Captured) -> None:
    """What a proxy has taken off the path is the application's name all the same."""
    app = kyros_obs.instrument(
        dashboard(requests_pathname_prefix="/public/clv/", routes_pathname_prefix="/")
    )
    answer = app.server.test_client().post("/_dash-update-component", json=GREETING)
    assert answer.status_code == 200
    assert seen.metric("dash_callbacks_total", app_slug="clv") == 1
    app.server.test_client().get("/").get_data()
    assert seen.metric("dash_page_views_total", app_slug="clv", page="/") == 1


def test_without_a_server_at_first(seen: Captured) -> None:
    """The server that an application gets later is observed as well."""
    app = kyros_obs.instrument(dashboard(server=False, url_base_pathname=PATH))
    server = flask.Flask("late")
    app.init_app(server)
    assert server.test_client().post(f"{PATH}_dash-update-component", json=GREETING).get_data()
    assert seen.metric("dash_callbacks_total", app_slug="clv") == 1
    assert seen.metric("http_requests_total") == 1


def test_nothing_of_ours_brings_asgiref() -> None:
    """With it, Dash on Flask would run callbacks on other threads."""
    assert not [name for name in requires("kyros-obs") or [] if "asgiref" in name]


if SEVERAL:

    def test_native(seen: Captured) -> None:
        """Two applications on one FastAPI server, each under its own name."""
        server = for_acme(FastAPI())
        for slug in ("clv", "risk"):
            kyros_obs.instrument(
                dashboard(server=cast("Any", server), url_base_pathname=f"/dash/{slug}/")
            )
        client = AsgiClient(server)
        for slug in ("clv", "risk"):
            url = f"/dash/{slug}/_dash-update-component"
            assert client.request("POST", url, json=GREETING).status_code == 200
            assert seen.metric("dash_callbacks_total", app_slug=slug, tenant_id=ACME) == 1
            assert client.get(f"/dash/{slug}/").status_code == 200
            labels = {"app_slug": slug, "page": "/", "tenant_id": ACME}
            assert seen.metric("dash_page_views_total", **labels) == 1
        assert seen.metric("http_requests_total") == 4

    def test_quart_without_pages(seen: Captured) -> None:
        """A document is a view there, too, and Quart's own routes are requests."""
        import quart  # noqa: PLC0415 - Dash 3 has no use for it

        server = quart.Quart("zoo")

        async def own(number: int) -> str:
            return str(number)

        server.add_url_rule("/own/<int:number>", "own", own)
        app = dashboard(server=cast("Any", server), url_base_pathname=PATH)
        kyros_obs.instrument(app)
        client = AsgiClient(server)
        assert client.get(PATH).status_code == 200
        assert client.get("/own/7").text == "7"
        assert client.get("/metrics").status_code == 200
        assert seen.metric("dash_page_views_total", app_slug="clv", page="/") == 1
        routes = {line["route"] for line in seen.access_lines()}
        assert routes == {PATH, "/own/{number}", "/metrics"}

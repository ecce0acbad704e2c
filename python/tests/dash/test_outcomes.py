"""Dash callbacks: each one timed once, its outcome and its errors counted, whatever hides them."""

import asyncio
from typing import Any, cast

import dash
import flask
import pytest
from dash import ALL, Input, Output, html
from dash.exceptions import PreventUpdate
from fastapi import FastAPI

import kyros_obs
from kyros_obs.testing import Captured
from tests.clients import AsgiClient, call, target, trigger
from tests.dash.test_paths import SEVERAL

TENANT = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10"
CLICK = ("go", "n_clicks", 1)


def make_app(slug: str = "clv", **settings: Any) -> dash.Dash:
    """An application with one callback for each way to end."""
    app = dash.Dash("app", url_base_pathname=f"/dash/{slug}/", **settings)
    app.layout = html.Div()
    add_callbacks(app)
    return app


def prevent(_error: Exception) -> None:
    """Handle an error by answering nothing."""
    raise PreventUpdate


def add_callbacks(app: dash.Dash) -> None:
    """Give an application its callbacks."""

    @app.callback(Output("fine", "children"), Input("go", "n_clicks"))
    def fine(clicks: int) -> str:
        return str(clicks)

    @app.callback(Output("a", "children"), Output("b", "value"), Input("go", "n_clicks"))
    def two(clicks: int) -> tuple[int, int]:
        return clicks, clicks

    @app.callback(Output("prevented", "children"), Input("go", "n_clicks"))
    def prevented(_clicks: int) -> str:
        raise PreventUpdate

    @app.callback(Output("broken", "children"), Input("go", "n_clicks"))
    def broken(_clicks: int) -> str:
        raise RuntimeError("broken")

    @app.callback(
        Output("swallowed", "children"), Input("go", "n_clicks"), on_error=lambda _error: "sorry"
    )
    def swallowed(_clicks: int) -> str:
        raise RuntimeError("swallowed")

    @app.callback(Output("silenced", "children"), Input("go", "n_clicks"), on_error=prevent)
    def silenced(_clicks: int) -> str:
        raise RuntimeError("silenced")


OUTCOMES = [
    ("fine.children", target("fine", "children"), 200, "ok", 0),
    ("..a.children...b.value..", [target("a", "children"), target("b", "value")], 200, "ok", 0),
    ("prevented.children", target("prevented", "children"), 204, "prevent_update", 0),
    ("broken.children", target("broken", "children"), 500, "error", 1),
    ("swallowed.children", target("swallowed", "children"), 200, "handled", 1),
    ("silenced.children", target("silenced", "children"), 204, "handled", 1),
]


@pytest.mark.parametrize(("output", "outputs", "status", "outcome", "errors"), OUTCOMES)
def test_outcomes(
    seen: Captured, output: str, outputs: object, status: int, outcome: str, errors: int
) -> None:
    """One run is one duration, one outcome, and an error where the callback raised one."""
    app = kyros_obs.instrument(make_app())
    assert trigger(app.server, output, outputs, CLICK, prefix="/dash/clv/").status_code == status
    check(seen, "clv", output, outcome, errors)


def test_request_of_a_callback(seen: Captured) -> None:
    """Its request is measured as well, under the template of Dash's route."""
    app = kyros_obs.instrument(make_app())
    trigger(app.server, "fine.children", target("fine", "children"), CLICK, prefix="/dash/clv/")
    line = seen.access_lines()[0]
    assert (line["route"], line["status"]) == ("/dash/clv/_dash-update-component", 200)
    assert line["dashboard_slug"] == "clv"


def test_identity_of_a_guard(seen: Captured) -> None:
    """A callback belongs to the tenant that the guard left in `flask.g`."""
    app = make_app()
    server: flask.Flask = app.server

    @server.before_request
    def guard() -> None:
        flask.g.tenant_id = TENANT

    kyros_obs.instrument(app)
    trigger(app.server, "fine.children", target("fine", "children"), CLICK, prefix="/dash/clv/")
    assert seen.metric("dash_callbacks_total", tenant_id=TENANT) == 1
    assert seen.metric("http_requests_total", tenant_id=TENANT) == 1


def test_identity_bound_in_a_callback(seen: Captured) -> None:
    """`bind` in a callback tells the callback and its request."""
    app = make_app()

    @app.callback(Output("bound", "children"), Input("go", "n_clicks"))
    def bound(_clicks: int) -> str:
        kyros_obs.bind(tenant_id=TENANT)
        kyros_obs.audit("view_dashboard", resource="clv")
        return ""

    kyros_obs.instrument(app)
    trigger(app.server, "bound.children", target("bound", "children"), CLICK, prefix="/dash/clv/")
    assert seen.metric("dash_callbacks_total", tenant_id=TENANT) == 1
    assert [line["tenant_id"] for line in seen.access_lines()] == [TENANT]
    assert [row["tenant_id"] for row in seen.audit] == [TENANT]


@pytest.mark.parametrize("late", [False, True])
def test_early_and_late_callbacks(seen: Captured, *, late: bool) -> None:
    """Callbacks that come after `instrument`, through `@app.callback`, are measured, too."""
    app = dash.Dash("app", url_base_pathname="/dash/clv/")
    app.layout = html.Div()
    if late:
        kyros_obs.instrument(app)
        call(app.server, "/dash/clv/_dash-layout")
    add_callbacks(app)
    kyros_obs.instrument(app)
    trigger(app.server, "fine.children", target("fine", "children"), CLICK, prefix="/dash/clv/")
    check(seen, "clv", "fine.children", "ok", 0)


def test_global_callback(seen: Captured) -> None:
    """`@dash.callback`, which an application takes over with its first request, is measured."""
    app = kyros_obs.instrument(make_app())

    @dash.callback(Output("global", "children"), Input("go", "n_clicks"))
    def for_all(_clicks: int) -> str:
        return ""

    trigger(app.server, "global.children", target("global", "children"), CLICK, prefix="/dash/clv/")
    check(seen, "clv", "global.children", "ok", 0)


def test_two_applications_in_one_process(seen: Captured) -> None:
    """Each application has its own slug."""
    for slug in ("clv", "risk"):
        app = kyros_obs.instrument(make_app(slug))
        output = target("fine", "children")
        trigger(app.server, "fine.children", output, CLICK, prefix=f"/dash/{slug}/")
    for slug in ("clv", "risk"):
        assert seen.metric("dash_callbacks_total", app_slug=slug, callback="fine.children") == 1


@pytest.mark.parametrize(("method", "path"), [("GET", "/metrics"), ("GET", "/healthz")])
def test_metrics_in_front_of_a_guard(seen: Captured, method: str, path: str) -> None:
    """A guard over the whole server keeps users out, and Prometheus not."""
    app = make_app()
    app.server.before_request(lambda: ("invalid token", 401))
    kyros_obs.instrument(app)
    assert call(app.server, "/dash/clv/").status_code == 401
    assert call(app.server, path, method).status_code == 200
    assert seen.metric("http_requests_total", code="401") == 1


if SEVERAL:

    def test_native_fastapi_backend(seen: Captured) -> None:
        """On FastAPI: the same outcomes, coroutine callbacks, one request each."""
        server = FastAPI()
        app = dash.Dash("app", server=cast("Any", server), url_base_pathname="/dash/clv/")
        app.layout = html.Div()
        add_callbacks(app)

        @app.callback(Output("slow", "children"), Input("go", "n_clicks"))
        async def slow(_clicks: int) -> str:
            await asyncio.sleep(0)
            kyros_obs.bind(tenant_id=TENANT)
            return ""

        kyros_obs.instrument(app)
        client = AsgiClient(server)
        cases = {"fine": 200, "prevented": 204, "broken": 500, "swallowed": 200, "slow": 200}
        for name, status in cases.items():
            body = {
                "output": f"{name}.children",
                "outputs": target(name, "children"),
                "inputs": [{"id": "go", "property": "n_clicks", "value": 1}],
                "changedPropIds": ["go.n_clicks"],
            }
            response = client.request("POST", "/dash/clv/_dash-update-component", json=body)
            assert (name, response.status_code) == (name, status)
        assert outcomes(seen) == {
            "fine.children": "ok",
            "prevented.children": "prevent_update",
            "broken.children": "error",
            "swallowed.children": "handled",
            "slow.children": "ok",
        }
        assert seen.metric("http_requests_total") == len(cases)
        assert seen.metric("dash_callbacks_total", tenant_id=TENANT, callback="slow.children") == 1


@pytest.mark.parametrize(
    ("raised", "status", "outcome", "rows"),
    [
        (None, 200, "ok", ["success"]),
        (PreventUpdate(), 204, "prevent_update", []),
        (RuntimeError("broken"), 500, "error", ["failure"]),
    ],
)
def test_observe_under_a_callback(
    seen: Captured, raised: Exception | None, status: int, outcome: str, rows: list[str]
) -> None:
    """The decorator adds a name, fields and a row to the measurement, and is none of its own."""
    app = make_app()

    @app.callback(Output("seen", "children"), Input({"type": "y", "index": ALL}, "value"))
    @kyros_obs.observe("recalculate", audit="view_dashboard", resource="clv", rate="fast")
    def recalculate(_values: list[int]) -> str:
        if raised is not None:
            raise raised
        return ""

    kyros_obs.instrument(app)
    answer = trigger(
        app.server,
        "seen.children",
        target("seen", "children"),
        ({"type": "y", "index": 1}, "value", 1),
        prefix="/dash/clv/",
    )
    assert answer.status_code == status
    check(seen, "clv", "seen.children", outcome, int(outcome == "error"))
    audited = [(row["action"], row["resource"], row["outcome"]) for row in seen.audit]
    assert audited == [("view_dashboard", "clv", one) for one in rows]
    (line,) = seen.access_lines()
    fields = {"callback": "seen.children", "observed": "recalculate", "rate": "fast"}
    assert line["fields"] == fields


def test_identity_that_a_callback_leaves(seen: Captured) -> None:
    """What a callback puts where the framework has it counts as what a guard does."""
    app = make_app()

    @app.callback(Output("late", "children"), Input("go", "n_clicks"))
    def late(_clicks: int) -> str:
        flask.g.tenant_id = TENANT
        return ""

    kyros_obs.instrument(app)
    trigger(app.server, "late.children", target("late", "children"), CLICK, prefix="/dash/clv/")
    assert seen.metric("dash_callbacks_total", tenant_id=TENANT) == 1
    assert seen.metric("http_requests_total", tenant_id=TENANT) == 1


def outcomes(seen: Captured) -> dict[str, str]:
    """Each callback's only outcome."""
    samples = seen.samples("dash_callbacks_total")
    return {
        sample.labels["callback"]: sample.labels["outcome"] for sample in samples if sample.value
    }


def check(seen: Captured, slug: str, callback: str, outcome: str, errors: int) -> None:
    """Duration, outcome and errors of the one run agree."""
    labels = {"app_slug": slug, "callback": callback}
    assert seen.metric("dash_callback_duration_seconds_count", **labels) == 1
    assert outcomes(seen) == {callback: outcome}
    assert seen.metric("dash_callback_errors_total", **labels) == errors

"""The Dash application: a page for each dashboard, and a callback that fills its panels."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dash
from dash import ALL, MATCH, ClientsideFunction, Input, Output, State, dcc, html
from dash.development.base_component import Component

from kyros_obs.preview import controls, page
from kyros_obs.preview.answers import Sources, ask
from kyros_obs.preview.dashboards import Dashboard
from kyros_obs.preview.drawing.panel import draw
from kyros_obs.preview.view import View, asked

_ASSETS = Path(__file__).with_name("assets")
_VARIABLES = {"kind": "variable", "name": ALL}
_PANEL = {"kind": "panel", "panel": MATCH}
_PREFIX = "/d/"

#: A view as the page keeps it.
Stored = dict[str, Any]


def application(dashboards: Mapping[str, Dashboard], sources: Sources) -> dash.Dash:
    """An application that draws these dashboards from these stores; it loads nothing from afar."""
    app = dash.Dash(
        "kyros_obs_preview",
        assets_folder=str(_ASSETS),
        serve_locally=True,
        suppress_callback_exceptions=True,  # pages are made of what is in the dashboards
        title="kyros-obs preview",
        update_title="",
    )
    app.layout = html.Div([dcc.Location(id="address", refresh=False), html.Div(id="page")])
    _pages(app, dashboards, sources)
    _choices(app, dashboards)
    _panels(app, dashboards, sources)
    _in_the_browser(app)
    return app


def _pages(app: dash.Dash, dashboards: Mapping[str, Dashboard], sources: Sources) -> None:
    @app.callback(
        Output("page", "children"), Input("address", "pathname"), State("address", "search")
    )
    def show(path: str, search: str | None) -> list[Component]:
        if path == "/":
            return page.contents(dashboards)
        shown = dashboards.get(path.removeprefix(_PREFIX).split("/")[0])
        if shown is None:
            return page.nowhere(path)
        view = controls.opened(shown, sources, asked(search or "", shown.start, shown.end))
        return page.dashboard(shown, dashboards, sources, view)


def _choices(app: dash.Dash, dashboards: Mapping[str, Dashboard]) -> None:
    @app.callback(
        Output("view", "data"),
        Output(_VARIABLES, "value"),
        Output("tabs", "children"),
        Input(_VARIABLES, "value"),
        Input("range", "value"),
        State(_VARIABLES, "id"),
        State("view", "data"),
        State("dashboard", "data"),
        prevent_initial_call=True,
    )
    def choose(
        picked: list[Any], period: str, ids: list[Mapping[str, str]], stored: Stored, uid: str
    ) -> tuple[Stored, list[Any], list[Component]]:
        names = [one["name"] for one in ids]
        known = {one.name: one for one in dashboards[uid].variables}
        before = View.kept(stored).values
        values = {
            name: controls.changed(before.get(name, ()), now, known[name])
            for name, now in zip(names, picked, strict=True)
        }
        view = View({**before, **values}, *controls.ends(period))
        shown = [values[name] if known[name].multi else values[name][0] for name in names]
        return view.stored(), shown, page.tabs(dashboards, uid, view)


def _panels(app: dash.Dash, dashboards: Mapping[str, Dashboard], sources: Sources) -> None:
    @app.callback(
        Output(_PANEL, "children"),
        Input("view", "data"),
        Input("tick", "n_intervals"),
        State(_PANEL, "id"),
        State("dashboard", "data"),
    )
    def fill(stored: Stored, _tick: int, which: Mapping[str, int], uid: str) -> list[Component]:
        dashboard = dashboards[uid]
        panel = next(one for one in dashboard.panels if one.id == which["panel"])
        view = View.kept(stored)
        return draw(panel, ask(sources, dashboard, panel, view), view)


def _in_the_browser(app: dash.Dash) -> None:
    """What needs no server: the address, the pace, light and dark."""
    app.clientside_callback(
        ClientsideFunction("preview", "address"), Output("written", "data"), Input("view", "data")
    )
    app.clientside_callback(
        ClientsideFunction("preview", "pace"),
        Output("tick", "interval"),
        Output("tick", "disabled"),
        Input("refresh", "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("preview", "theme"),
        Output("theme", "n_clicks_timestamp"),
        Input("theme", "n_clicks"),
        prevent_initial_call=True,
    )

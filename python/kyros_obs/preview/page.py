"""What a page is made of: where one is, what may be chosen, and the panels in Grafana's grid."""

from collections.abc import Iterable, Mapping
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from kyros_obs.preview import controls, links
from kyros_obs.preview.answers import Sources
from kyros_obs.preview.dashboards import Dashboard, Panel, Section
from kyros_obs.preview.view import View

_NAME = "kyros-obs preview"
_ORIGIN = " Generated from "
#: What a screen reader says of a button that is a sign.
_LABELLED: dict[str, Any] = {"aria-label": "Light or dark"}


def dashboard(
    shown: Dashboard, others: Mapping[str, Dashboard], sources: Sources, view: View
) -> list[Component]:
    """The page of a dashboard; its panels are asked for once it is there."""
    refresh = controls.refresh(shown)
    return [
        _top(tabs(others, shown.uid, view)),
        html.Main(
            [
                html.Div([html.H1(shown.title), html.P(question(shown))], className="heading"),
                controls.bar(shown, sources, view),
                *(_section(section) for section in shown.sections),
            ]
        ),
        dcc.Store(id="view", data=view.stored()),
        dcc.Store(id="dashboard", data=shown.uid),
        dcc.Store(id="written"),
        dcc.Interval(id="tick", interval=max(refresh, 1) * 1000, disabled=not refresh),
    ]


def contents(dashboards: Mapping[str, Dashboard]) -> list[Component]:
    """The page that leads to all dashboards."""
    cards = [
        html.A([html.H2(one.title), html.P(question(one))], href=f"/d/{one.uid}", className="card")
        for one in dashboards.values()
    ]
    return [_top([]), html.Main(html.Div(cards, className="cards"))]


def question(dashboard: Dashboard) -> str:
    """What a dashboard answers; where its file comes from is for those who read that."""
    return dashboard.question.partition(_ORIGIN)[0]


def nowhere(path: str) -> list[Component]:
    """The page for an address that is none."""
    text: list[Any] = [
        "There is no dashboard at ",
        html.Code(path),
        ". ",
        html.A("All dashboards", href="/"),
    ]
    return [_top([]), html.Main(html.P(text, className="nowhere"))]


def tabs(dashboards: Mapping[str, Dashboard], here: str, view: View) -> list[Component]:
    """Links to all dashboards, with the variables and the time range of this one."""
    return [
        html.A(
            one.title,
            href=links.dashboard(one.uid, view),
            className="place here" if one.uid == here else "place",
        )
        for one in dashboards.values()
    ]


def _top(inside: Iterable[Component]) -> Component:
    switch = html.Button("◐", id="theme", title="Light or dark", **_LABELLED)
    name = html.A(_NAME, href="/", className="name")
    return html.Header([name, html.Nav(list(inside), id="tabs"), switch], className="top")


def _section(section: Section) -> Component:
    """A heading that folds; its panels lie in a grid of their own, below it."""
    first = min(panel.place["y"] for panel in section.panels)
    grid = html.Div([_panel(panel, first) for panel in section.panels], className="grid")
    return html.Details(
        [html.Summary(section.title), grid], open=not section.collapsed, className="section"
    )


def _panel(panel: Panel, first: int) -> Component:
    place = panel.place
    where = {
        "gridColumn": f"{place['x'] + 1} / span {place['w']}",
        "gridRow": f"{place['y'] - first + 1} / span {place['h']}",
    }
    tip: dict[str, Any] = {"data-tip": panel.question}
    question = html.Span("?", className="question", tabIndex="0", **tip)
    head = html.Header([html.H3(panel.title), *([question] if panel.question else [])])
    inside = html.Div(id={"kind": "panel", "panel": panel.id}, className="inside")
    return html.Section([head, inside], className=f"panel {panel.kind}", style=where)

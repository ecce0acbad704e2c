"""A graph of series over time, and below it what each of them was last and at most."""

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from kyros_obs.preview import links
from kyros_obs.preview.answers import Graph
from kyros_obs.preview.dashboards import Panel
from kyros_obs.preview.drawing import colour
from kyros_obs.preview.drawing.figure import figure
from kyros_obs.preview.series import Series
from kyros_obs.preview.units import formatted
from kyros_obs.preview.view import View

_CONFIG: dcc.Graph.Config = {"displayModeBar": False, "responsive": True}


def draw(panel: Panel, graph: Graph, view: View) -> list[Component]:
    """The graph and its legend, in which the highest come first: there may be many."""
    drawn = dcc.Graph(
        figure=figure(panel, graph), config=_CONFIG, responsive=True, className="graph"
    )
    return [html.Div(drawn, className="plot"), _legend(panel, graph.series, view)]


def _legend(panel: Panel, series: Sequence[Series], view: View) -> Component:
    head = html.Tr([html.Th("", className="name"), html.Th("last"), html.Th("max")])
    highest = sorted(enumerate(series), key=lambda one: -(one[1].highest or 0.0))
    rows = [_row(panel, index, one, view) for index, one in highest]
    table = html.Table([html.Thead(head), html.Tbody(rows)])
    return html.Div(table, className="legend")


def _row(panel: Panel, index: int, series: Series, view: View) -> Component:
    swatch = html.I(className="swatch", style={"background": colour.of_series(panel, index)})
    name = series.name or panel.title
    link = links.of(panel, series.labels, view)
    shown = html.A(name, href=link[1], title=link[0]) if link else html.Span(name, title=name)
    cells = [html.Td(formatted(value, panel.unit)) for value in (series.last, series.highest)]
    return html.Tr([html.Td([swatch, shown], className="name"), *cells])

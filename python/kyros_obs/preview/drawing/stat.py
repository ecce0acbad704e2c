"""One number, or a few: large, on the colour of its threshold, over the line it comes from."""

import math
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from kyros_obs.preview.answers import Graph
from kyros_obs.preview.dashboards import Panel
from kyros_obs.preview.drawing import colour
from kyros_obs.preview.series import Series
from kyros_obs.preview.units import formatted

_WIDTH, _HEIGHT = 100, 30
_LEAST_POINTS = 2


def draw(panel: Panel, graph: Graph) -> list[Component]:
    """A tile for each series; their names only where there are several."""
    several = len(graph.series) > 1
    named = several or any(target.legend for target in panel.targets)
    tiles = [_tile(panel, one, named=named) for one in graph.series]
    return [html.Div(tiles, className="tiles")]


def _tile(panel: Panel, series: Series, *, named: bool) -> Component:
    name = colour.of_value(panel, series.last)
    ink = colour.NAMED.get(name, name)
    number = html.Div(formatted(series.last, panel.unit), className="number")
    title = [html.Div(series.name, className="of")] if named else []
    line = {"backgroundImage": sparkline(series, ink)}
    return html.Div([*title, number], className="tile", style={"--tone": ink, **line})


def sparkline(series: Series, ink: str) -> str:
    """The course of a series, as a picture in CSS."""
    points = [(moment, value) for moment, value in series.points if math.isfinite(value)]
    if len(points) < _LEAST_POINTS:
        return "none"
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in _scaled(points))
    area = f"<polygon points='0,{_HEIGHT} {path} {_WIDTH},{_HEIGHT}' fill='{ink}' opacity='.16'/>"
    stroke = f"fill='none' stroke='{ink}' stroke-width='1.4' vector-effect='non-scaling-stroke'"
    picture = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {_HEIGHT}'"
        f" preserveAspectRatio='none'>{area}<polyline points='{path}' {stroke} opacity='.7'/></svg>"
    )
    return f'url("data:image/svg+xml,{quote(picture)}")'


def _scaled(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    first, last = points[0][0], points[-1][0]
    values = [value for _, value in points]
    low, high = min(*values, 0.0), max(values)
    height = (high - low) or 1.0
    width = (last - first) or 1.0
    return [
        (_WIDTH * (moment - first) / width, (_HEIGHT - 2) * (1 - (value - low) / height) + 1)
        for moment, value in points
    ]

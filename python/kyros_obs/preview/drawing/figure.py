"""The figure of series over time, as Plotly takes it."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kyros_obs.preview.answers import Graph
from kyros_obs.preview.dashboards import Panel
from kyros_obs.preview.drawing import colour
from kyros_obs.preview.marks import Mark
from kyros_obs.preview.series import Point, Series
from kyros_obs.preview.units import formatted, ticks

_GRID = "rgba(128,140,160,0.16)"
_INK = "#8792a6"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
#: A step that is missed makes a gap; a little more is the rounding of moments.
_GAP = 1.5
#: With fewer points each is a dot, too.
_FEW_POINTS = 24
_HEADROOM = 1.08
#: As many of the grid's columns a mark of time needs.
_COLUMNS_PER_MARK = 3

Figure = dict[str, Any]


def figure(panel: Panel, graph: Graph) -> Figure:
    """Lines, their axes in the panel's unit, and its thresholds."""
    traces = [_trace(panel, graph, index, one) for index, one in enumerate(graph.series)]
    low, high = _ends(panel, graph)
    return {"data": traces, "layout": _layout(panel, graph, low, high)}


def local(moment: float) -> str:
    """A moment as the clock on the wall says it."""
    return datetime.fromtimestamp(moment).isoformat()  # noqa: DTZ006 — Plotly shows it as it is


def with_gaps(points: Sequence[Point], step: float) -> list[tuple[float, float | None]]:
    """Points with a hole wherever some are missing, so that no line is drawn across."""
    drawn: list[tuple[float, float | None]] = []
    for moment, value in points:
        if drawn and moment - drawn[-1][0] > step * _GAP:
            drawn.append((drawn[-1][0] + step, None))
        drawn.append((moment, value if math.isfinite(value) else None))
    return drawn


def is_stacked(panel: Panel) -> bool:
    """Whether series are drawn one upon another."""
    stacking: Mapping[str, str] = panel.defaults.get("custom", {}).get("stacking", {})
    return stacking.get("mode") == "normal"


def _trace(panel: Panel, graph: Graph, index: int, series: Series) -> Figure:
    points = with_gaps(series.points, graph.step)
    ink = colour.of_series(panel, index)
    few = len(series.points) < _FEW_POINTS
    stacked = is_stacked(panel)
    alone = len(graph.series) == 1
    return {
        "type": "scatter",
        "name": series.name or panel.title,
        "x": [local(moment) for moment, _ in points],
        "y": [value for _, value in points],
        "mode": "lines+markers" if few else "lines",
        "line": {"color": ink, "width": 1.6},
        "marker": {"size": 4, "color": ink},
        "fill": "tonexty" if stacked else "tozeroy" if alone else "none",
        "fillcolor": _faded(ink, 0.35 if stacked else 0.12),
        "text": [formatted(value, panel.unit) for _, value in points],
        "hovertemplate": "%{text}  %{fullData.name}<extra></extra>",
        "showlegend": False,
        **({"stackgroup": "A"} if stacked else {}),
    }


def _faded(ink: str, share: float) -> str:
    red, green, blue = (int(ink[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def _ends(panel: Panel, graph: Graph) -> tuple[float, float]:
    """Where the axis of values begins and ends."""
    numbers = [value for one in graph.series for value in one.numbers if math.isfinite(value)]
    high = max(_totals(graph) if is_stacked(panel) else numbers, default=0.0)
    low = panel.defaults.get("min")
    lowest = min([*numbers, 0.0]) if low is None else float(low)
    most = panel.defaults.get("max")
    if most is not None:
        return lowest, float(most) * 1.02
    return lowest, lowest + 1 if high <= lowest else high * _HEADROOM


def _totals(graph: Graph) -> list[float]:
    totals: dict[float, float] = {}
    for one in graph.series:
        for moment, value in one.points:
            totals[moment] = totals.get(moment, 0.0) + (value if math.isfinite(value) else 0.0)
    return list(totals.values())


def _layout(panel: Panel, graph: Graph, low: float, high: float) -> Figure:
    marks = ticks(low, high, panel.unit, 4)
    return {
        "margin": {"l": 62, "r": 10, "t": 6, "b": 26},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": _INK, "size": 11, "family": _FONT},
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": "#1b2130", "font": {"color": "#e7ebf3", "size": 11}},
        "xaxis": {
            "range": [local(graph.period.start), local(graph.period.end)],
            "gridcolor": _GRID,
            "zeroline": False,
            "nticks": 2 + panel.place["w"] // _COLUMNS_PER_MARK,
            "tickangle": 0,
            "ticklabelstandoff": 6,
            "tickformatstops": [
                {"dtickrange": [None, 60000], "value": "%H:%M:%S"},
                {"dtickrange": [60000, 86400000], "value": "%H:%M"},
                {"dtickrange": [86400000, None], "value": "%d %b"},
            ],
        },
        "yaxis": {
            "range": [low, high],
            "tickvals": marks,
            "ticklabelstandoff": 4,
            "ticktext": [formatted(mark, panel.unit) for mark in marks],
            "gridcolor": _GRID,
            "zeroline": False,
        },
        "shapes": [
            *(_mark(mark) for mark in graph.marks),
            *(_threshold(step["value"], step["color"]) for step in colour.lines(panel)),
        ],
    }


def _mark(mark: Mark) -> Figure:
    """A line where something happened, a band where it lasted."""
    ink = colour.NAMED.get(mark.colour, mark.colour)
    where = {"yref": "paper", "y0": 0, "y1": 1, "x0": local(mark.start), "x1": local(mark.end)}
    if mark.start == mark.end:
        line = {"color": ink, "width": 1, "dash": "dot"}
        return {"type": "line", **where, "line": line, "opacity": 0.55, "layer": "below"}
    band = {"fillcolor": ink, "opacity": 0.055, "line": {"width": 0}, "layer": "below"}
    return {"type": "rect", **where, **band}


def _threshold(value: float, name: str) -> Figure:
    ink = colour.NAMED.get(name, name)
    line = {"color": ink, "width": 1, "dash": "dash"}
    where = {"xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value}
    return {"type": "line", **where, "line": line, "opacity": 0.8}

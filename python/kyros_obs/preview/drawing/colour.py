"""Colours: those of series, and those of thresholds."""

from collections.abc import Iterable

from kyros_obs.preview.dashboards import Json, Panel

#: Of series: told apart on light and on dark ground.
SERIES = (
    "#4c8dff",
    "#f0a13a",
    "#35b58a",
    "#b07ce8",
    "#39b8d0",
    "#e8708a",
    "#a3b341",
    "#d98bc0",
    "#8c9bb0",
    "#c98a5b",
)
#: Of failures.
REDS = ("#e5484d", "#f08a6c", "#c0392f", "#f2a3a5", "#9d3a44", "#ff7a59")
#: What Grafana's names of colours look like here.
NAMED = {
    "green": "#2ea876",
    "red": "#e5484d",
    "blue": "#4c8dff",
    "orange": "#f0a13a",
    "yellow": "#d9b13b",
    "purple": "#b07ce8",
}
_PLAIN = "blue"


def of_series(panel: Panel, index: int) -> str:
    """The colour of a panel's series by its place."""
    shades = panel.defaults.get("color", {}).get("mode") == "shades"
    palette = REDS if shades else SERIES
    return palette[index % len(palette)]


def of_value(panel: Panel, value: float | None) -> str:
    """The name of the colour that a panel's thresholds give a value."""
    if value is None:
        return _PLAIN
    reached = [step for step in steps(panel) if step["value"] is None or value >= step["value"]]
    return str(reached[-1]["color"]) if reached else _PLAIN


def steps(panel: Panel) -> list[Json]:
    """A panel's thresholds, lowest first."""
    return list(panel.defaults.get("thresholds", {}).get("steps", ()))


def lines(panel: Panel) -> Iterable[Json]:
    """The thresholds that are drawn as lines."""
    style = panel.defaults.get("custom", {}).get("thresholdsStyle", {}).get("mode")
    return (step for step in steps(panel) if style == "line" and step["value"] is not None)

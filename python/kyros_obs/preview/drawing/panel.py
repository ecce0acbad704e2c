"""The inside of a panel, by its kind and by what its queries gave."""

from dash import html
from dash.development.base_component import Component

from kyros_obs.preview.answers import Answer, Graph, Reason
from kyros_obs.preview.dashboards import Panel
from kyros_obs.preview.drawing import logs, stat, table, timeseries
from kyros_obs.preview.postgres import Rows
from kyros_obs.preview.view import View


def draw(panel: Panel, answer: Answer, view: View) -> list[Component]:
    """What a panel shows."""
    if isinstance(answer, Reason):
        return [reason(answer)]
    if isinstance(answer, Rows):
        return table.rows(answer)
    if isinstance(answer, Graph):
        return _of_series(panel, answer, view)
    return logs.draw(answer)


def reason(why: Reason) -> Component:
    """Why there is nothing else."""
    return html.Div(html.P(_coded(why.text)), className="reason wrong" if why.wrong else "reason")


def _of_series(panel: Panel, graph: Graph, view: View) -> list[Component]:
    match panel.kind:
        case "timeseries":
            return timeseries.draw(panel, graph, view)
        case "stat":
            return stat.draw(panel, graph)
        case "table":
            return table.draw(panel, graph, view)
    return [reason(Reason(f"The preview draws no panel of the kind `{panel.kind}`."))]


def _coded(text: str) -> list[Component | str]:
    """A text whose backquoted parts are code."""
    parts = text.split("`")
    return [_code(part) if index % 2 else part for index, part in enumerate(parts) if part]


def _code(text: str) -> Component:
    """A long name may break after an underscore, and nowhere else."""
    words = text.split("_")
    return html.Code([words[0], *(part for word in words[1:] for part in ("_", html.Wbr(), word))])

"""Log lines; each opens to show its fields."""

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from kyros_obs.preview.loki import Line

#: What a line in JSON says, for people.
_MESSAGE = ("message", "msg", "event")


def draw(lines: Sequence[Line]) -> list[Component]:
    """The lines as they come: newest first."""
    return [html.Div([_line(line) for line in lines], className="lines")]


def _line(line: Line) -> Component:
    moment = datetime.fromtimestamp(line.moment).strftime("%H:%M:%S.%f")[:-3]  # noqa: DTZ006
    text = next((line.fields[name] for name in _MESSAGE if name in line.fields), line.text)
    head = [
        html.Span(moment, className="moment"),
        html.Span(line.level or "-", className=f"level {line.level}"),
        html.Span(text),
    ]
    fields = [html.Div([html.B(key), value]) for key, value in sorted(line.fields.items())]
    return html.Details([html.Summary(head), html.Div(fields, className="fields")])

"""Tables: series side by side by their labels, or rows of SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from kyros_obs.preview import links
from kyros_obs.preview.answers import Graph
from kyros_obs.preview.dashboards import Panel
from kyros_obs.preview.postgres import Rows
from kyros_obs.preview.units import formatted
from kyros_obs.preview.view import View

_FAILED = frozenset({"failure", "denied", "error"})


@dataclass
class _Row:
    """Labels that series have in common, and their values by the query's letter."""

    labels: Mapping[str, str]
    values: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class _Column:
    title: str
    unit: str
    letter: str


def draw(panel: Panel, graph: Graph, view: View) -> list[Component]:
    """A row for each set of labels, a column for each of them and for each query."""
    rows = merged(graph)
    columns = _columns(panel)
    rows = _ordered(panel, columns, rows)
    names = list(dict.fromkeys(name for row in rows for name in row.labels))
    head = [*(html.Th(name) for name in names), *(_number_head(one.title) for one in columns)]
    body = [html.Tr(_cells(panel, row, names, columns, view)) for row in rows]
    return [_table(head, body)]


def rows(answer: Rows) -> list[Component]:
    """What a query of SQL returned."""
    head = [html.Th(name) for name in answer.columns]
    body = [html.Tr([_cell(one) for one in row]) for row in answer.rows]
    return [_table(head, body, "rows sql")]


def merged(graph: Graph) -> list[_Row]:
    """The series of all queries, those of the same labels in one row."""
    found: dict[tuple[tuple[str, str], ...], _Row] = {}
    for one in graph.series:
        labels = {key: value for key, value in one.labels.items() if key != "__name__"}
        row = found.setdefault(tuple(sorted(labels.items())), _Row(labels))
        row.values[one.letter] = one.last
    return list(found.values())


def _columns(panel: Panel) -> list[_Column]:
    return [_column(panel, target.letter) for target in panel.targets]


def _column(panel: Panel, letter: str) -> _Column:
    """The title and the unit that a panel's overrides give the values of a query."""
    name = "Value" if len(panel.targets) == 1 else f"Value #{letter}"
    given = {
        one["id"]: one["value"]
        for override in panel.overrides
        if override["matcher"] == {"id": "byName", "options": name}
        for one in override["properties"]
    }
    return _Column(given.get("displayName", name), given.get("unit", panel.unit), letter)


def _ordered(panel: Panel, columns: Sequence[_Column], rows: list[_Row]) -> list[_Row]:
    for by in reversed(panel.options.get("sortBy", ())):
        letters = [one.letter for one in columns if one.title == by["displayName"]]
        if letters:
            descending = bool(by.get("desc"))
            rows = sorted(rows, key=lambda row: _rank(row, letters[0], descending=descending))
    return rows


def _rank(row: _Row, letter: str, *, descending: bool) -> tuple[bool, float]:
    value = row.values.get(letter)
    return value is None, 0.0 if value is None else -value if descending else value


def _cells(
    panel: Panel, row: _Row, names: Sequence[str], columns: Sequence[_Column], view: View
) -> list[Component]:
    link = links.of(panel, row.labels, view)
    labels = [
        html.Td(
            _linked(row.labels.get(name, ""), link), className="label", title=row.labels.get(name)
        )
        for name in names
    ]
    numbers = [
        html.Td(formatted(row.values.get(one.letter), one.unit), className="number")
        for one in columns
    ]
    return [*labels, *numbers]


def _linked(text: str, link: tuple[str, str] | None) -> Component | str:
    return html.A(text, href=link[1], title=link[0]) if link and text else text


def _number_head(title: str) -> Component:
    return html.Th(title, className="number")


def _cell(value: Any) -> Component:  # noqa: ANN401 — whatever a column holds
    if value is None:
        return html.Td("-", className="nothing")
    if isinstance(value, datetime):
        text = value.astimezone().isoformat(" ", "seconds")[:19]
        return html.Td(text, className="moment")
    return html.Td(str(value), className="failed" if value in _FAILED else None, title=str(value))


def _table(head: Sequence[Component], body: Sequence[Component], kind: str = "rows") -> Component:
    table = html.Table([html.Thead(html.Tr(list(head))), html.Tbody(list(body))])
    return html.Div(table, className=kind)

"""Dashboards as data: Grafana's JSON in its classic schema, as far as the generated ones use it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kyros_obs.preview.failure import PreviewError

#: An object of a JSON file.
Json = Mapping[str, Any]

#: Stands for all values of a variable, in a dashboard and in an address.
ALL = "$__all"


@dataclass(frozen=True)
class Target:
    """A query of a panel; `letter` is what transformations and overrides call it."""

    letter: str
    text: str
    legend: str = ""
    instant: bool = False


@dataclass(frozen=True)
class Panel:
    """A panel: its place in a grid of 24 columns, its question, its queries, how it is drawn."""

    id: int
    kind: str
    title: str
    question: str
    source: str
    place: Json
    targets: tuple[Target, ...]
    defaults: Json = field(default_factory=dict)
    overrides: tuple[Json, ...] = ()
    options: Json = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """Grafana's id of the unit."""
        return str(self.defaults.get("unit", "short"))

    @property
    def links(self) -> tuple[Json, ...]:
        """Templates of links from a series or row."""
        return tuple(self.defaults.get("links", ()))


@dataclass(frozen=True)
class Section:
    """A heading and the panels below it."""

    title: str
    panels: tuple[Panel, ...]
    collapsed: bool = False


@dataclass(frozen=True)
class Variable:
    """What a reader chooses; `all_value` is what `All` stands for in a query."""

    name: str
    label: str
    kind: str
    query: str
    regex: str = ""
    multi: bool = False
    include_all: bool = False
    all_value: str | None = None
    current: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dashboard:
    """A dashboard, by the uid that links name it with."""

    uid: str
    title: str
    question: str
    variables: tuple[Variable, ...]
    sections: tuple[Section, ...]
    start: str = "now-1h"
    end: str = "now"
    refresh: str = ""
    annotations: tuple[Json, ...] = ()

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All panels, in their order."""
        return tuple(panel for section in self.sections for panel in section.panels)


def load(directory: Path) -> dict[str, Dashboard]:
    """The dashboards of a directory's JSON files, by uid.

    Raises:
        PreviewError: There is none, or a file that is no dashboard.
    """
    found = [_read(file) for file in sorted(directory.glob("*.json"))]
    if not found:
        hint = "`kyros-obs generate` writes them to `dashboards/out`"
        raise PreviewError(f"no dashboards in `{directory}`\n  hint: {hint}")
    return {dashboard.uid: dashboard for dashboard in found}


def _read(file: Path) -> Dashboard:
    try:
        return dashboard_of(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PreviewError(f"`{file}` is no dashboard: {error!r}") from error


def dashboard_of(model: Json) -> Dashboard:
    """What a dashboard's JSON says."""
    time = model.get("time", {})
    return Dashboard(
        uid=model["uid"],
        title=model["title"],
        question=model.get("description", ""),
        variables=tuple(_variable(one) for one in model["templating"]["list"]),
        sections=tuple(_sections(model["panels"])),
        start=time.get("from", "now-1h"),
        end=time.get("to", "now"),
        refresh=model.get("refresh") or "",
        annotations=tuple(model.get("annotations", {}).get("list", ())),
    )


def _sections(models: Iterable[Json]) -> Iterable[Section]:
    """A section for each row; a collapsed row holds its panels itself."""
    title, collapsed, panels = "", False, list[Panel]()
    for model in models:
        if model["type"] != "row":
            panels.append(_panel(model))
            continue
        if panels:
            yield Section(title, tuple(panels), collapsed)
        title, collapsed = model["title"], bool(model.get("collapsed"))
        panels = [_panel(one) for one in model.get("panels", ())]
    if panels:
        yield Section(title, tuple(panels), collapsed)


def _panel(model: Json) -> Panel:
    config = model.get("fieldConfig", {})
    return Panel(
        id=model["id"],
        kind=model["type"],
        title=model["title"],
        question=model.get("description", ""),
        source=model.get("datasource", {}).get("type", ""),
        place=model["gridPos"],
        targets=tuple(_target(one) for one in model.get("targets", ())),
        defaults=config.get("defaults", {}),
        overrides=tuple(config.get("overrides", ())),
        options=model.get("options", {}),
    )


def _target(model: Json) -> Target:
    return Target(
        letter=model.get("refId", "A"),
        text=model.get("expr") or model.get("rawSql") or "",
        legend=model.get("legendFormat") or "",
        instant=bool(model.get("instant")) and not model.get("range"),
    )


def _variable(model: Json) -> Variable:
    query = model["query"]
    current = model.get("current", {}).get("value", ())
    return Variable(
        name=model["name"],
        label=model.get("label") or model["name"],
        kind=model["type"],
        query=query if isinstance(query, str) else query["query"],
        regex=model.get("regex") or "",
        multi=bool(model.get("multi")),
        include_all=bool(model.get("includeAll")),
        all_value=model.get("allValue"),
        current=(current,) if isinstance(current, str) else tuple(current),
    )

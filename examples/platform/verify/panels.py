"""Every panel's query over our own metrics returns data; those over exporters are parsed."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.platform.tenants import DAMAGED
from examples.platform.verify.evidence import Evidence
from examples.platform.verify.report import Report

#: An object of a JSON file.
Json = dict[str, Any]

_WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_VARIABLE = re.compile(r"\$\{?(\w+)(?::\w+)?\}?")
_BUILT_IN = {
    "__rate_interval": "5m",
    "__interval": "1m",
    "__range": "5m",
    "__auto": "5m",
}


@dataclass(frozen=True)
class Query:
    """A query of a panel."""

    dashboard: str
    panel: str
    kind: str
    expression: str


def check_panels(evidence: Evidence, report: Report) -> None:
    """Ask what Grafana would ask."""
    for file in evidence.stack.assets.dashboards:
        _check_dashboard(evidence, report, file)


def _check_dashboard(evidence: Evidence, report: Report, file: Path) -> None:
    found = [query for query in queries(file) if query.kind == "prometheus"]
    own = [query for query in found if not _foreign(evidence, query)]
    foreign = [query for query in found if _foreign(evidence, query)]
    title = found[0].dashboard if found else file.stem
    empty = [fault for query in own if (fault := _emptiness(evidence, query))]
    report.none_of(f"every panel of {title} has data", empty, f"{len(own)} queries")
    wrong = [fault for query in foreign if (fault := evidence.prometheus.problem(query.expression))]
    fact = f"every exporter's query of {title} parses"
    report.none_of(fact, wrong, f"{len(foreign)} queries")


def queries(file: Path) -> Iterator[Query]:
    """All queries of a dashboard, their variables substituted."""
    dashboard = json.loads(file.read_text())
    values = {**_BUILT_IN, **_values(dashboard)}
    for panel in _panels(dashboard["panels"]):
        for target in panel.get("targets", []):
            source = target.get("datasource") or panel.get("datasource") or {}
            text = target.get("expr") or target.get("rawSql") or ""
            expression = _VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)
            yield Query(dashboard["title"], panel["title"], source.get("type", ""), expression)


def _panels(panels: list[Json]) -> Iterator[Json]:
    for panel in panels:
        yield panel
        yield from _panels(panel.get("panels", []))


def _values(dashboard: Json) -> dict[str, str]:
    """A value for each variable: the damaged tenant, and everything of the others."""
    variables = {one["name"]: ".+" for one in dashboard["templating"]["list"]}
    return {name: DAMAGED.id if "tenant" in name else value for name, value in variables.items()}


def _foreign(evidence: Evidence, query: Query) -> bool:
    words = set(_WORD.findall(query.expression))
    suffixed = {re.sub(r"_(bucket|sum|count)$", "", word) for word in words}
    return bool((words | suffixed) & evidence.vocabulary.exporters)


def _emptiness(evidence: Evidence, query: Query) -> str | None:
    problem = evidence.prometheus.problem(query.expression)
    if problem is None and evidence.prometheus.query(query.expression):
        return None
    return f"{query.panel}: {problem or 'no data'}: {query.expression}"

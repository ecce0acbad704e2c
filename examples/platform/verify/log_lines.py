"""Every line of every service parses, fits the schema, and the access lines are all there."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from examples.platform.launch.services import Service
from examples.platform.traffic.ledger import NO_TENANT, RequestKey
from examples.platform.verify.evidence import Evidence
from examples.platform.verify.report import Report
from examples.platform.vocabulary import FieldRule, Vocabulary

Line = dict[str, Any]

_LEVELS = {"debug", "info", "warn", "error", "critical"}
_ACCESS_FIELDS = ("route", "method", "status", "latency_ms", "bytes", "trace_id")


def check_log_lines(evidence: Evidence, report: Report) -> None:
    """Read each service's standard output."""
    access: Counter[RequestKey] = Counter()
    for service in evidence.stack.services:
        lines, faults = read_lines(service)
        faults += [
            fault for line in lines for fault in misfits(line, evidence.vocabulary, service.name)
        ]
        report.none_of(f"every log line of {service.name} fits the schema", faults, _count(lines))
        report.none_of(f"{service.name} lost no line", _gaps(lines), "`seq` without gaps")
        access.update(_access_key(line) for line in lines if line.get("event") == "access")
        stray = service.errors.read_text(errors="replace").splitlines()
        report.none_of(f"{service.name} writes nothing beside its log", stray, "stderr is empty")
    _check_access(evidence, report, access)


def read_lines(service: Service) -> tuple[list[Line], list[str]]:
    """The lines that parse, and those that don't."""
    lines, faults = [], []
    for text in service.log.read_text(errors="replace").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            faults.append(f"no JSON: {text[:160]}")
            continue
        lines.append(line if isinstance(line, dict) else {})
    return lines, faults


def misfits(line: Line, vocabulary: Vocabulary, service: str) -> Iterator[str]:
    """In what a line departs from the schema."""
    for name, rule in vocabulary.fields.items():
        if rule.required and line.get(name) is None:
            yield f"no `{name}`: {line}"
        elif line.get(name) is not None and not _fits(line[name], rule):
            yield f"`{name}` is no {rule.kind}: {line}"
    for name in line.keys() - vocabulary.fields.keys():
        yield f"unknown field `{name}`: {line}"
    if line.get("service") != service:
        yield f"`service` is not {service}: {line}"
    if line.get("event") == "access":
        yield from (f"no `{name}`: {line}" for name in _ACCESS_FIELDS if line.get(name) is None)


def _fits(value: object, rule: FieldRule) -> bool:
    if rule.kind == "timestamp":
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    if rule.kind == "level":
        return value in _LEVELS
    types: dict[str, Any] = {
        "text": str,
        "integer": int,
        "number": (int, float),
        "object": dict,
        "flag": bool,
    }
    return isinstance(value, types[rule.kind])


def _count(lines: list[Line]) -> str:
    kinds = Counter(str(line.get("event")) for line in lines)
    return f"{len(lines)} lines: " + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common(4))


def _gaps(lines: list[Line]) -> list[str]:
    """Sequence numbers that are missing; a master and its worker count each for itself."""
    numbers = {line["seq"] for line in lines if isinstance(line.get("seq"), int)}
    whole = set(range(min(numbers, default=0), max(numbers, default=-1) + 1))
    return [f"`seq` {number} is missing" for number in sorted(whole - numbers)]


def _access_key(line: Line) -> RequestKey:
    return RequestKey(
        str(line.get("service")),
        str(line.get("route")),
        str(line.get("method")),
        str(line.get("status")),
        str(line.get("tenant_id") or NO_TENANT),
    )


def _check_access(evidence: Evidence, report: Report, access: Counter[RequestKey]) -> None:
    seen = {key: count for key, count in access.items() if key.endpoint != "/metrics"}
    driver = evidence.ledger.requests
    wrong = [
        f"{key}: {seen.get(key, 0)} lines, driver {driver[key]}"
        for key in sorted({*seen, *driver})
        if seen.get(key, 0) != driver[key]
    ]
    fact = "one access line per request, with its route, status and tenant"
    report.none_of(fact, wrong, f"{sum(seen.values())} lines")

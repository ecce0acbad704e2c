"""Every line of every service parses, fits the schema, and the access lines are all there."""

import json
import re
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
#: More than a worker writes while it starts.
_MANY_LINES = 10
#: A line of uvicorn's or gunicorn's own log, as it is where no application has been loaded.
_SUPERVISOR = re.compile(r"INFO: {5}|\[[-\d :+]+\] \[\d+\] \[(?:INFO|WARNING|ERROR)\] ")
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
        _check_numbers(evidence, report, service, lines)
        access.update(_access_key(line) for line in lines if line.get("event") == "access")
        _check_errors(report, service)
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


def _check_numbers(evidence: Evidence, report: Report, service: Service, lines: list[Line]) -> None:
    """Each process numbers its lines, and each worker, the killed ones too, has written many."""
    numbers = Counter(line["seq"] for line in lines if isinstance(line.get("seq"), int))
    report.none_of(f"{service.name} lost no line", gaps(numbers), "`seq` without gaps")
    busy = [count for count in lines_by_process(numbers) if count >= _MANY_LINES]
    killed = sum(death.service == service for death in evidence.deaths)
    report.row(
        f"all workers of {service.name} took part, killed ones too",
        holds=len(busy) >= service.workers + killed,
        evidence=f"lines by process: {', '.join(map(str, busy))}",
    )


def gaps(numbers: Counter[int]) -> list[str]:
    """Numbers that lines should have; `numbers` says how many lines have each.

    Every process counts from 0: there are as many lines with a number as processes that have come
    so far, which are never more than those that have come less far.
    """
    last = max(numbers, default=-1)
    return [
        f"`seq` {number} is missing {numbers[number + 1] - numbers[number]} times"
        for number in range(last)
        if numbers[number] < numbers[number + 1]
    ]


def lines_by_process(numbers: Counter[int]) -> list[int]:
    """How many lines each process has written, most first."""
    processes = range(1, numbers[0] + 1)
    return [sum(count >= process for count in numbers.values()) for process in processes]


def _check_errors(report: Report, service: Service) -> None:
    """The application writes to its log alone; the server's supervisor knows nothing of that."""
    said = service.errors.read_text(errors="replace").splitlines()
    stray = [line for line in said if not _SUPERVISOR.match(line)]
    seen = f"{len(said)} lines of the server's supervisor on stderr" if said else "stderr is empty"
    report.none_of(f"{service.name} writes nothing beside its log", stray, seen)


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

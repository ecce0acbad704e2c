"""Everything that telemetry of the run has ended up in, as text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from examples.platform.verify.evidence import Evidence

_OPENMETRICS = "application/openmetrics-text; version=1.0.0"


@dataclass(frozen=True)
class Sink:
    """A place where telemetry ends up. In `personal` alone an e-mail address may stand."""

    name: str
    text: str
    personal: tuple[str, ...] = ()


def sinks(evidence: Evidence) -> Iterator[Sink]:
    """All sinks, each read when it is asked for."""
    yield from _logs(evidence)
    yield from _metrics(evidence)
    yield _audit_table(evidence)
    yield from _spools(evidence)
    yield Sink("Prometheus' series", evidence.prometheus.series())
    yield Sink("Prometheus' metadata and exemplars", evidence.prometheus.words())
    yield Sink("the team channel", evidence.stack.notifications.read_text())


def _logs(evidence: Evidence) -> Iterator[Sink]:
    """Access lines may hold an address in their field for it, other lines nowhere."""
    for service in evidence.stack.services:
        text = service.log.read_text(errors="replace")
        access: list[str] = []
        other: list[str] = []
        for line in text.splitlines():
            (access if '"event":"access"' in line.replace(" ", "") else other).append(line)
        yield Sink(f"log of {service.name}", "\n".join(other))
        fields = tuple(_values(access, "email"))
        yield Sink(f"access lines of {service.name}", "\n".join(access), fields)
    for file in sorted(evidence.stack.services[0].log.parent.iterdir()):
        if file.suffix == ".stderr" or file.stem not in _names(evidence):
            yield Sink(f"output {file.name}", file.read_text(errors="replace"))


def _metrics(evidence: Evidence) -> Iterator[Sink]:
    for service in evidence.stack.services:
        for accept in ("text/plain", _OPENMETRICS):
            text = httpx.get(f"{service.url}/metrics", headers={"Accept": accept}).text
            yield Sink(f"metrics of {service.name} as {accept.partition(';')[0]}", text)


def _audit_table(evidence: Evidence) -> Sink:
    with psycopg.connect(evidence.stack.database.dsn) as connection:
        rows = connection.execute("SELECT row_to_json(audit_logs)::text FROM audit_logs").fetchall()
    lines = [row for (row,) in rows]
    return Sink("the audit table", "\n".join(lines), tuple(_values(lines, "email")))


def _spools(evidence: Evidence) -> Iterator[Sink]:
    for service in evidence.stack.services:
        for file in sorted(path for path in service.spool.rglob("*") if path.is_file()):
            yield _spool_file(file, f"spool of {service.name}: {file.name}")


def _spool_file(file: Path, name: str) -> Sink:
    """Spooled events are audit rows to be: an address stands in their field for it."""
    text = file.read_bytes().decode(errors="replace")
    fields = {part.split('"')[0] for part in text.split('"email":"')[1:]}
    return Sink(name, text, tuple(f'"email":"{value}"' for value in fields))


def _values(lines: list[str], field: str) -> set[str]:
    """The values of a field of JSON lines, as they are written."""
    found = {json.loads(line).get(field) for line in lines if line.startswith("{")}
    return {f'"{field}":"{value}"' for value in found if value}


def _names(evidence: Evidence) -> set[str]:
    return {service.name for service in evidence.stack.services}

"""The workers of a service count together, and one that is killed takes nothing along."""

from collections.abc import Mapping

import psycopg

from examples.platform.launch.services import Service
from examples.platform.verify.evidence import Evidence
from examples.platform.verify.kills import Death
from examples.platform.verify.report import Report
from examples.platform.verify.scrapes import Scrape, scrapes_of_two

_ROWS = "SELECT count(*) FROM audit_logs WHERE event_id::text = ANY(%s)"
_WRITERS = """
SELECT service, writer_id, max(writer_seq) - min(writer_seq) + 1 - count(*) FROM audit_logs
GROUP BY service, writer_id
"""
_TICK_SECONDS = 0.02
#: Ends of names whose samples never fall.
_RISING = ("_total", "_count", "_sum", "_bucket")


def check_workers(evidence: Evidence, report: Report) -> None:
    """Look at the workers that are there, and at those that were killed."""
    for service in evidence.stack.services:
        _check_numbers(evidence, report, service)
        _check_agreement(report, service)
    for death in evidence.deaths:
        _check_counts(report, death)
        _check_spool(evidence, report, death)
        _check_replacement(report, death)
    _check_writers(evidence, report)


def _check_numbers(evidence: Evidence, report: Report, service: Service) -> None:
    """Prometheus has each process of a service by itself, and how many there are."""
    of_service = f'{{service="{service.name}"}}'
    counts = evidence.prometheus.query(f"kyros_workers{of_service}")
    starts = evidence.prometheus.query(f"process_start_time_seconds{of_service}")
    numbers = sorted(labels["worker"] for labels, _ in starts)
    told = [int(count) for _, count in counts]
    holds = told == [service.processes] and len(set(numbers)) == service.processes
    report.row(
        f"Prometheus has each process of {service.name}",
        holds=holds,
        evidence=f"kyros_workers {told}, series of {', '.join(numbers)}",
    )


def _check_agreement(report: Report, service: Service) -> None:
    first, second = scrapes_of_two(service)
    ours, theirs = first.resting, second.resting
    differing = [
        f"{name}: {ours.get(name)} and {theirs.get(name)}"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]
    if first.worker == second.worker:
        differing.append(f"process {first.worker} alone answers")
    seen = f"processes {first.worker} and {second.worker}: {len(ours)} equal samples"
    report.none_of(f"any worker of {service.name} answers for all", differing, seen)


def _check_counts(report: Report, death: Death) -> None:
    """No sample falls when a worker dies."""
    before, after = _rising(death.before), _rising(death.after)
    fallen = [
        f"{name}: {value}, then {after.get(name)}"
        for name, value in before.items()
        if after.get(name, -1) < value
    ]
    victim = death.victim
    seen = f"{len(before)} counts stand, {death.unanswered} requests died with {victim.pid}"
    report.none_of(f"kill -9 of a worker of {death.service.name} loses no count", fallen, seen)


def _check_spool(evidence: Evidence, report: Report, death: Death) -> None:
    """What the killed worker alone had are rows, and its spool has been cleared away."""
    victim = death.victim
    with psycopg.connect(evidence.stack.database.dsn) as connection:
        row = connection.execute(_ROWS, (list(victim.events),)).fetchone()
    arrived = int(row[0]) if row else 0
    gone = not victim.home.exists()
    report.row(
        f"its audit spool is adopted by others of {death.service.name}",
        holds=0 < len(victim.events) == arrived and gone,
        evidence=f"{arrived} of {len(victim.events)} events are rows"
        + ("" if gone else ", but the spool is still there"),
    )


def _check_replacement(report: Report, death: Death) -> None:
    before, after = death.before.starts, death.replaced
    changed = [number for number in before if after.get(number) != before[number]]
    holds = (
        before.keys() == after.keys()
        and len(changed) == 1
        and abs(before[changed[0]] - death.victim.started) < _TICK_SECONDS
    )
    report.row(
        f"the worker in its place in {death.service.name} takes its number",
        holds=holds,
        evidence=f"{', '.join(changed)} of {', '.join(sorted(after))} was started anew",
    )


def _check_writers(evidence: Evidence, report: Report) -> None:
    """Each process numbers its audit events."""
    with psycopg.connect(evidence.stack.database.dsn) as connection:
        rows = connection.execute(_WRITERS).fetchall()
    gaps = [f"{service}: {missing} of {writer}" for service, writer, missing in rows if missing]
    processes: dict[str, int] = {}
    for service, _, _ in rows:
        processes[service] = processes.get(service, 0) + 1
    seen = ", ".join(f"{service} {count}" for service, count in sorted(processes.items()))
    report.none_of("no process' audit events have a gap", gaps, f"processes: {seen}")


def _rising(one: Scrape) -> Mapping[str, float]:
    samples = one.resting.items()
    return {name: value for name, value in samples if name.partition("{")[0].endswith(_RISING)}

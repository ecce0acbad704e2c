"""`kill -9` for a worker of each service, while users go on.

It is done when it hurts most: the worker has audit events that Postgres doesn't have yet, since
the table is locked, and where the service has something slow to ask for, it is at work on that.
For as long, other users wait in front of the service, so that it is known of every request
whether it was answered: all counts stay exact.
"""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import psycopg
from psycopg import sql

from examples.platform.launch.postgres import Database
from examples.platform.launch.processes import LaunchError
from examples.platform.launch.services import Service
from examples.platform.traffic.gate import Gate
from examples.platform.traffic.scenarios import Step
from examples.platform.traffic.users import Users
from examples.platform.verify.scrapes import Scrape, scrape
from examples.platform.verify.worker_processes import serving, spool_home, started, workers

_TRIES = 8
_AT_ONCE = 6
#: From the last answer to the moment its counts are there, at the most; then its line is, too.
_COUNTED_SECONDS = 10.0
_WRITTEN_SECONDS = 0.2
#: From the slow requests' start to the kill, and the latest it may come: none has ended by then.
_UNDER_WAY_SECONDS = 0.25
_LATEST_SECONDS = 0.75
_REPLACED_SECONDS = 30.0

_EVENT_ID = re.compile(rb'"event_id":"([0-9a-f-]{36})"')
_OWNER = "SELECT tableowner FROM pg_tables WHERE tablename = 'audit_logs'"
_ROWS = "SELECT event_id::text FROM audit_logs"
#: What takes the strongest lock there is and changes nothing.
_LOCK = "ALTER TABLE audit_logs OWNER TO {}"

Rows = Callable[[], set[str]]


@dataclass(frozen=True)
class Victim:
    """A worker that is to be killed: its start, and its events that Postgres hasn't got."""

    pid: int
    started: float
    home: Path
    events: frozenset[str]


@dataclass
class Death:
    """What was there before and after a worker was killed."""

    service: Service
    victim: Victim
    before: Scrape
    after: Scrape
    unanswered: int
    replaced: Mapping[str, float] = field(default_factory=dict)


class Killer:
    """Kills workers. `users` pass no gate; `gates` hold back all others, service by service."""

    def __init__(self, database: Database, users: Users, gates: Mapping[str, Gate]) -> None:
        self._database = database
        self._users = users
        self._gates = gates

    def kill(self, service: Service) -> Death:
        """Kill a worker, and wait until there is another one in its place."""
        with self._gates[service.name].shut():
            tries = (self._try(service) for _ in range(_TRIES))
            death = next((death for death in tries if death is not None), None)
        if death is None:
            message = f"{service.name}: no worker could be killed in time"
            raise LaunchError(message)
        death.replaced = _replaced(death)
        return death

    def _try(self, service: Service) -> Death | None:
        with _locked_table(self._database) as rows, ThreadPoolExecutor(_AT_ONCE) as pool:
            for step in [pool.submit(step) for step in self._audited(service)]:
                step.result()
            before = self._counted(service)
            candidates = _candidates(service, rows())
            latest = time.monotonic() + _LATEST_SECONDS
            slow = [pool.submit(_unanswered, step) for step in self._slow(service)]
            time.sleep(_UNDER_WAY_SECONDS)
            victim = _busiest(service, candidates)
            if victim is None or (slow and time.monotonic() > latest):
                return None
            os.kill(victim.pid, signal.SIGKILL)
            unanswered = sum(request.result() for request in slow)
            return Death(service, victim, before, scrape(service), unanswered)

    def _counted(self, service: Service) -> Scrape:
        """The samples once they hold all that was answered: a request is counted after that."""
        requests = self._users.api.ledger.requests.items()
        answered = sum(count for key, count in requests if key.service == service.name)
        end = time.monotonic() + _COUNTED_SECONDS
        before = scrape(service)
        while before.requests < answered and time.monotonic() < end:
            time.sleep(0.05)
            before = scrape(service)
        time.sleep(_WRITTEN_SECONDS)
        return before

    def _audited(self, service: Service) -> Sequence[Step]:
        """Requests that leave an audit row each: enough for all workers."""
        users = self._users
        dash = {"dash-app-clv": users.clv, "dash-app-risk": users.risk}.get(service.name)
        members = users.members * 2
        if dash is not None:
            return [partial(dash.open_page, member, "") for member in members]
        return [partial(users.api.save_preferences, member, "dark") for member in members]

    def _slow(self, service: Service) -> Sequence[Step]:
        if service.name != "kyros-api":
            return []
        members = self._users.members[:_AT_ONCE]
        return [partial(self._users.api.export, member) for member in members]


@contextmanager
def _locked_table(database: Database) -> Iterator[Rows]:
    """A time in which no audit row is written; the events that were written before."""
    with psycopg.connect(database.dsn) as connection:
        row = connection.execute(_OWNER).fetchone()
        owner = sql.Identifier(str(row[0]) if row else "")
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(owner))
        connection.execute(sql.SQL(_LOCK).format(owner))
        connection.execute("RESET ROLE")
        yield lambda: {event for (event,) in connection.execute(_ROWS)}
        connection.rollback()


def _candidates(service: Service, rows: set[str]) -> list[Victim]:
    """The workers with events that only their spool has."""
    homes = {pid: spool_home(service, pid) for pid in workers(service)}
    found = [
        Victim(pid, started(pid), home, frozenset(_events(home) - rows))
        for pid, home in homes.items()
        if home is not None
    ]
    return [victim for victim in found if victim.events]


def _events(home: Path) -> set[str]:
    segments = b"".join(file.read_bytes() for file in home.glob("*.segment"))
    return {event.decode() for event in _EVENT_ID.findall(segments)}


def _busiest(service: Service, candidates: Sequence[Victim]) -> Victim | None:
    """The one that has most to lose."""
    under_way = Counter(serving(service).values())
    return max(candidates, key=lambda one: (under_way[one.pid], len(one.events)), default=None)


def _unanswered(step: Step) -> bool:
    """Whether a request got no answer; nothing of it is in the books then."""
    try:
        step()
    except httpx.TransportError:
        return True
    return False


def _replaced(death: Death) -> Mapping[str, float]:
    """The workers' starts by their numbers, once there are as many as before, but not the same."""
    end = time.monotonic() + _REPLACED_SECONDS
    before = death.before.starts
    starts = death.after.starts
    while (len(starts) < len(before) or starts == before) and time.monotonic() < end:
        time.sleep(0.2)
        starts = scrape(death.service).starts
    return starts

"""Totals are what the workers have acknowledged, whatever becomes of the workers meanwhile."""

import contextlib
import os
import secrets
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.clusters import SERVERS, Cluster, is_alive, running
from tests.counting import LEDGERS, Ledger

WORKERS = 8
BATCH = 250


@dataclass(frozen=True)
class Storm:
    """What happens to a server: increments, recycling by the server, and kills."""

    recycling: str
    increments: int = 200_000
    kills: int = 12
    clients: int = 6


STORMS = {
    "uvicorn": Storm("--limit-max-requests 40 --limit-max-requests-jitter 40"),
    "gunicorn-uvicorn": Storm("--max-requests 40 --max-requests-jitter 40"),
    "gunicorn-threads-preload": Storm("--max-requests 40 --max-requests-jitter 40"),
    "hypercorn": Storm("--max-requests 20", increments=75_000, kills=0, clients=3),
}


#: What a sample is after so many increments of a ledger: of four, one is 0.5, 1.5, 2.5 and 3.5.
COUNTED: dict[str, Callable[[int], float]] = {
    "counted_total": int,
    "visited_total": int,
    'counted_seconds_bucket{le="1.0"}': lambda count: count // 4,
    'counted_seconds_bucket{le="2.0"}': lambda count: count // 4 + (count + 3) // 4,
    'counted_seconds_bucket{le="+Inf"}': int,
    "counted_seconds_count": int,
    "counted_seconds_sum": lambda count: 8 * (count // 4) + (0, 1.5, 4, 7.5)[count % 4],
}


@dataclass
class Weather:
    """How far a storm is."""

    storm: Storm
    left: Iterator[int]
    kills: set[int]
    workers: set[int] = field(default_factory=set)
    killed: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, storm: Storm) -> "Weather":
        """The beginning; kills are spread over the batches."""
        batches = range(storm.increments // BATCH)
        every = len(batches) // (storm.kills or 1)
        kills = set(batches[every // 2 :: every][: storm.kills])
        return cls(storm, iter(batches), kills)

    def recycled(self) -> set[int]:
        """The workers that have ended without having been killed."""
        return {worker for worker in self.workers - self.killed if not is_alive(worker)}


@pytest.mark.parametrize("server", STORMS)
def test_totals_are_exact(server: str, tmp_path: Path) -> None:
    """Whenever they are asked for; at the end but for what was under way at a kill."""
    storm, ledgers = STORMS[server], tmp_path / "ledgers"
    ledgers.mkdir()
    name, arguments = SERVERS[server].split(" ", 1)
    command = f"{name} {storm.recycling} {arguments}"
    with running(command, tmp_path, workers=WORKERS, variables={LEDGERS: str(ledgers)}) as cluster:
        weather = Weather.of(storm)
        scrapes = rage(cluster, weather, ledgers)
        done, begun = check(cluster, ledgers)
        recycled = weather.recycled()
        written = cluster.stop()
    assert done >= storm.increments
    assert begun - done <= len(weather.killed) == storm.kills
    assert recycled
    assert scrapes
    assert "instrumentation failed" not in written


def rage(cluster: Cluster, weather: Weather, ledgers: Path) -> int:
    """Have the workers count until all is counted; how many scrapes were right meanwhile."""
    scrapes = 0
    with ThreadPoolExecutor(weather.storm.clients) as pool:
        clients = [pool.submit(send, cluster, weather) for _ in range(weather.storm.clients)]
        while wait(clients, timeout=0.1).not_done:
            scrapes += check(cluster, ledgers) != (0, 0)
        for client in clients:
            client.result()
    return scrapes


def send(cluster: Cluster, weather: Weather) -> None:
    """Ask for one batch after the other, each until a worker has lived to do all of it."""
    for batch in weather.left:
        if batch in weather.kills:
            kill(cluster, weather)
        weather.workers.add(cluster.insist(f"/do/storm?times={BATCH}").worker)


def kill(cluster: Cluster, weather: Weather) -> None:
    """Kill a worker, which other clients may be waiting for."""
    before = len(weather.killed)
    while len(weather.killed) == before:
        living = [worker for worker in weather.workers - weather.killed if is_alive(worker)]
        victim = secrets.choice(living or [cluster.insist("/do/pid").worker])
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
            weather.killed.add(victim)


def check(cluster: Cluster, ledgers: Path) -> tuple[int, int]:
    """A scrape is between what was done before it and what was begun until after it; both."""
    done, _ = Ledger.read(ledgers)
    scrape = cluster.samples()
    _, begun = Ledger.read(ledgers)
    visits = [value for name, value in scrape.items() if name.startswith("visited_total{")]
    told = {**scrape, "visited_total": sum(visits)}
    for name, after in COUNTED.items():
        low, high = sum(map(after, done)), sum(map(after, begun))
        assert low <= told.get(name, 0) <= high, (name, low, told.get(name), high)
    assert scrape["kyros_arena_unsound_records"] == 0
    return sum(done), sum(begun)

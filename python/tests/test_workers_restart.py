"""Restarts, reloads and neighbours of servers: what begins anew, what goes on, what is cleared."""

import os
import signal
from pathlib import Path

import pytest

from tests.clusters import SERVERS, Cluster, is_alive, running, until

SHARED = Path("/dev/shm")  # noqa: S108 - where the arenas of supervisors are
RESTARTED = ["uvicorn", "gunicorn-sync", "gunicorn-threads-preload"]
GUNICORNS = ["gunicorn-sync", "gunicorn-threads-preload"]


def files(cluster: Cluster) -> list[Path]:
    """The files of a supervisor."""
    return list(SHARED.glob(f"kyros-obs-*-{cluster.process.pid}-*"))


@pytest.mark.parametrize("server", RESTARTED)
def test_two_runs_share_nothing(server: str, tmp_path: Path) -> None:
    """Neither one beside the other nor one after the other, as the same service."""
    command = SERVERS[server]
    with running(command, tmp_path / "one") as one, running(command, tmp_path / "other") as other:
        counts = count(one), count(other)
        assert (total(one), total(other)) == counts
        one.stop()
        assert total(other) == counts[1]
    with running(command, tmp_path / "one") as again:
        assert total(again) == 0
        counted = count(again)
        assert total(again) == counted


def test_files_of_the_dead_are_cleared_away(tmp_path: Path) -> None:
    """By whoever starts next; those of a living supervisor stay."""
    with running(SERVERS["uvicorn"], tmp_path / "dead") as dead:
        count(dead)
    (left,) = files(dead)
    with running(SERVERS["uvicorn"], tmp_path / "living") as living:
        counted = count(living)
        assert not left.exists()
        (file,) = files(living)
        assert (file.stat().st_mode & 0o777, file.stat().st_uid) == (0o600, os.geteuid())
        with running(SERVERS["uvicorn"], tmp_path / "next"):
            assert file.exists()
        for answer in living.ask_all("/do/pid"):
            os.kill(answer.worker, signal.SIGKILL)
        until(lambda: workers(living) == living.workers)
        assert total(living) == counted


@pytest.mark.parametrize("server", GUNICORNS)
def test_a_reload_goes_on(server: str, tmp_path: Path) -> None:
    """All workers are others then; what was counted stays, and gauges of the old ones go."""
    with running(SERVERS[server], tmp_path) as cluster:
        counted, before = count(cluster), workers(cluster)
        old = {answer.worker for answer in cluster.ask_all("/do/level?value=7")}
        cluster.process.send_signal(signal.SIGHUP)
        until(lambda: not any(map(is_alive, old)) and workers(cluster) == before)
        scrape = cluster.samples()
        assert (scrape["counted_total"], scrape.get("level_sum")) == (counted, None)
        counted += count(cluster)
        assert total(cluster) == counted


@pytest.mark.parametrize("server", GUNICORNS)
def test_an_arbiter_that_executes_itself_anew(server: str, tmp_path: Path) -> None:
    """Is another run: while both serve, each tells what its own workers have counted."""
    with running(SERVERS[server], tmp_path) as cluster:
        counted = count(cluster)
        old = {answer.worker for answer in cluster.ask_all("/do/pid")}
        cluster.process.send_signal(signal.SIGUSR2)
        until(lambda: total(cluster) == 0, cluster.written)
        totals = {sample.get("counted_total", 0) for sample in cluster.all_samples()}
        assert totals <= {0, counted}
        cluster.process.send_signal(signal.SIGTERM)
        until(lambda: not any(map(is_alive, {*old, cluster.process.pid})))
        assert total(cluster) == 0
        counted = count(cluster)
        assert total(cluster) == counted


def count(cluster: Cluster) -> int:
    """Have each worker count; how many they have counted."""
    return len(cluster.ask_all("/do/count"))


def total(cluster: Cluster) -> float:
    """What a scrape tells."""
    return cluster.samples().get("counted_total", 0)


def workers(cluster: Cluster) -> float:
    """How many share."""
    return cluster.samples()["kyros_workers"]

"""Callbacks in the background: set-up, polls and run told apart, and the run counted in its worker.

The worker is killed as soon as its result is read, and may be on another machine.
"""

import contextlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dill  # type: ignore[import-untyped]
import httpx
import pytest

from kyros_obs.dash.job import observed
from tests.clusters import Cluster, is_alive, running, started, until
from tests.dash.jobs import FILES, LATE, MANAGER, SLUG
from tests.dash.visitor import ACME, Visitor, click
from tests.otlp import SERVER, receiving
from tests.test_servers import free_port

GUNICORN = "gunicorn --no-control-socket --preload --bind 127.0.0.1:{port} --workers {workers}"
CELERY = "-A tests.dash.jobs:celery_app worker --pool prefork --concurrency 1"
TRACE = "0af7651916cd43dd8448eb211c80319c"

#: What is run, the status of its last poll, and how the run ended.
ROWS = [
    ("done.children", 200, "ok"),
    ("broken.children", 500, "error"),
    ("handled.children", 200, "error"),
    ("prevented.children", 204, "prevent_update"),
    ("progressing.children", 200, "ok"),
]


class Jobs:
    """A server and its workers: who is asked what was counted by whom."""

    def __init__(self, server: Visitor, worker: Visitor, told: Callable[[], str]) -> None:
        """Name them; `told` is what the workers have written."""
        self.server = server
        self.worker = worker
        self.told = told

    def run(self, output: str) -> tuple[int, dict[str, Any], int]:
        """Have a callback run: the last poll's status and answer, and how many polls it took."""
        begun = self.server.click(click(output)).json()
        handles = {name: begun[name] for name in ("cacheKey", "job")}
        polls = []

        def is_done() -> bool:
            polls.append(self.server.click(click(output), handles))
            last = polls[-1]
            return last.status_code != 200 or "response" in last.json() or last.json() == {}

        until(is_done)
        last = polls[-1]
        return last.status_code, last.json() if last.status_code == 200 else {}, len(polls)


@pytest.fixture(params=["diskcache", "diskcache late", "celery", "celery late"])
def jobs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Jobs]:
    """Both managers, for callbacks registered before and after the application is observed."""
    manager, _, late = request.param.partition(" ")
    place = f"127.0.0.1:{free_port()}"
    for name in ("messages", "results"):
        (tmp_path / "files" / name).mkdir(parents=True)
    shared = {FILES: str(tmp_path / "files"), MANAGER: manager, LATE: "true" if late else ""}
    with contextlib.ExitStack() as stack:
        command = f"{GUNICORN} tests.dash.jobs:make_flask()"
        cluster: Cluster = stack.enter_context(
            running(command, tmp_path / "server", variables=shared)
        )
        server = Visitor(cluster.port, prefix="/")
        server.headers["traceparent"] = f"00-{TRACE}-b7ad6b7169203331-01"
        if manager == "diskcache":
            yield Jobs(server, server, cluster.written)
            return
        listening = {**shared, "KYROS_OBS_METRICS_LISTEN": place}
        directory = tmp_path / "worker"
        stack.enter_context(started(["-m", "celery", *CELERY.split()], directory, listening))
        worker = Visitor(int(place.rpartition(":")[2]))
        yield Jobs(server, worker, (directory / "output").read_text)


def test_background(jobs: Jobs) -> None:
    """One set-up, some polls, one run with one outcome; whoever is asked tells nothing twice."""
    for output, status, outcome in ROWS:
        last, answer, polls = jobs.run(output)
        assert last == status, (output, answer)
        labels = {"app_slug": SLUG, "callback": output, "tenant_id": ACME}
        counted = {
            phase: jobs.server.counted("dash_background_callbacks_total", phase=phase, **labels)
            for phase in ("setup", "poll")
        }
        assert counted == {"setup": 1, "poll": polls}, output
        check(jobs, output, outcome)


def check(jobs: Jobs, output: str, outcome: str) -> None:
    """What the worker counted, which is all there is."""
    labels = {"app_slug": SLUG, "callback": output, "tenant_id": ACME}
    worker = jobs.worker
    until(lambda: counted(jobs, output) > 0)
    assert worker.counted("dash_background_callbacks_total", phase="run", **labels) == 1
    assert worker.counted("dash_callbacks_total", outcome=outcome, **labels) == 1
    assert worker.counted("dash_callback_duration_seconds_count", **labels) == 1
    assert worker.counted("dash_callback_wait_seconds_count", **labels) == 1
    assert worker.counted("dash_callback_errors_total", **labels) == (outcome == "error")
    everywhere = {id(one): one for one in (worker, jobs.server)}.values()
    assert sum(one.counted("dash_callbacks_total", callback=output) for one in everywhere) == 1


def counted(jobs: Jobs, output: str) -> float:
    """How many runs the workers tell of, if one of them has the port to tell it by now."""
    with contextlib.suppress(httpx.TransportError):
        return jobs.worker.counted("dash_callbacks_total", callback=output)
    return 0


def test_whose_run_it_is(jobs: Jobs) -> None:
    """Lines and rows of the worker have the tenant, the subject and the trace of the request."""
    jobs.run("done.children")
    until(lambda: "at work" in jobs.told())
    *_, line = [json.loads(line) for line in jobs.told().splitlines() if '"at work"' in line]
    assert (line["tenant_id"], line["trace_id"]) == (ACME, TRACE)
    assert line["sub"] == "7d9c1b52-6f0e-4f57-8b1e-0d5f0f7c2a11"
    assert line["fields"] == {"callback": "done.children"}
    assert line["dashboard_slug"] == SLUG


def test_worker_that_is_killed(jobs: Jobs) -> None:
    """What it has counted is there when it is gone."""
    _, answer, _ = jobs.run("done.children")
    worker = int(answer["response"]["done"]["children"])
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)
    until(lambda: not is_alive(worker))
    until(lambda: counted(jobs, "done.children") == 1)


def test_span_of_a_run(tmp_path: Path) -> None:
    """It is below its request, and has arrived before the worker can be killed."""
    (tmp_path / "files").mkdir()
    shared = {FILES: str(tmp_path / "files"), MANAGER: "diskcache", LATE: ""}
    with receiving() as receiver:
        variables = {**shared, **receiver.environment, "OTEL_BSP_SCHEDULE_DELAY": "3600000"}
        command = f"{GUNICORN} tests.dash.jobs:make_flask()"
        with running(command, tmp_path / "server", variables=variables) as cluster:
            server = Visitor(cluster.port, prefix="/")
            server.headers["traceparent"] = f"00-{TRACE}-b7ad6b7169203331-01"
            jobs = Jobs(server, server, cluster.written)
            jobs.run("done.children")
            span = receiver.named("done.children")
            assert (span.trace_id, span.attributes["kyros.tenant_id"]) == (TRACE, ACME)
            assert span.attributes["kyros.callback_id"] == "done.children"
            assert str(span.attributes["code.function.name"]).endswith("_callbacks.<locals>.done")
            cluster.stop()
        assert span.parent in {one.span_id for one in receiver.spans if one.kind == SERVER}


def test_errors_of_a_run_are_told(jobs: Jobs) -> None:
    """Dash puts them into its answer alone; the worker has a line."""
    before = failures(jobs)
    jobs.run("broken.children")
    until(lambda: len(failures(jobs)) > len(before))
    (line,) = failures(jobs)[len(before) :]
    assert '"type":"RuntimeError"' in line


def failures(jobs: Jobs) -> list[str]:
    """Lines of runs that failed."""
    lines = [line for line in jobs.told().splitlines() if "the job failed" in line]
    return [line for line in lines if '"logger":"kyros_obs.dash' in line]


def double(number: int) -> int:
    """Be a job."""
    return 2 * number


def test_a_job_goes_to_spawned_processes() -> None:
    """There dill takes it by value, with all that it stands beside."""
    assert dill.loads(dill.dumps(observed(double)))(2) == 4  # noqa: S301 - our own

"""Servers with many workers: how each is started, and how to reach all of its workers."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.counting import WORKER
from tests.test_servers import DEADLINE, free_port

OPENMETRICS = {"Accept": "application/openmetrics-text;version=1.0.0"}

_UVICORN = "uvicorn --factory --host 127.0.0.1 --port {port} --workers {workers}"
_GUNICORN = "gunicorn --no-control-socket --bind 127.0.0.1:{port} --workers {workers}"
_GRANIAN = (
    "granian --factory --host 127.0.0.1 --port {port} --workers {workers}"
    " --respawn-failed-workers --respawn-interval 0.1"
)
_ASGI, _WSGI = "tests.counting:make_asgi", "tests.counting_wsgi:make_wsgi"
_UVICORN_WORKER = f"{_GUNICORN} --worker-class uvicorn_worker.UvicornWorker"

#: How servers are started, by what is particular.
SERVERS = {
    "uvicorn": f"{_UVICORN} {_ASGI}",
    "gunicorn-uvicorn": f"{_UVICORN_WORKER} {_ASGI}()",
    "gunicorn-uvicorn-preload": f"{_UVICORN_WORKER} --preload {_ASGI}()",
    "gunicorn-sync": f"{_GUNICORN} --worker-class sync {_WSGI}()",
    "gunicorn-threads-preload": f"{_GUNICORN} --preload --threads 2 {_WSGI}()",
    "hypercorn": f"hypercorn --bind 127.0.0.1:{{port}} --workers {{workers}} {_ASGI}()",
    "granian": f"{_GRANIAN} --interface asgi {_ASGI}",
    "granian-wsgi": f"{_GRANIAN} --interface wsgi --blocking-threads 2 {_WSGI}",
}


@dataclass(frozen=True)
class Answer:
    """What a worker has answered."""

    worker: int
    text: str


@dataclass
class Cluster:
    """A running server and its workers."""

    port: int
    workers: int
    process: subprocess.Popen[bytes]
    output: Path

    def ask(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """One request on a connection of its own, to whichever worker takes it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={"Connection": "close", **(headers or {})})
            response = connection.getresponse()
            text = response.read().decode()
        assert response.status == 200, text
        return Answer(int(response.headers.get(WORKER, 0)), text)

    def insist(self, path: str) -> Answer:
        """The same until a worker has lived to answer."""
        while True:
            try:
                return self.ask(path)
            except (OSError, http.client.HTTPException):
                assert self.process.poll() is None, self.written()

    def ask_all(self, path: str, headers: Mapping[str, str] | None = None) -> list[Answer]:
        """As many requests as it takes until each worker has answered one."""
        answers: list[Answer] = []
        end = time.monotonic() + DEADLINE
        with ThreadPoolExecutor(self.workers) as pool:
            while len({answer.worker for answer in answers}) < self.workers:
                assert time.monotonic() < end, f"workers that answer: {answers}\n{self.written()}"
                requests = [pool.submit(self.ask, path, headers) for _ in range(self.workers)]
                answers += [request.result() for request in requests]
        return answers

    def samples(self) -> dict[str, float]:
        """What a worker tells."""
        return samples(self.insist("/metrics").text)

    def all_samples(self) -> list[dict[str, float]]:
        """What each worker tells, in no order."""
        return [samples(answer.text) for answer in self.ask_all("/metrics")]

    def stop(self, how: int = signal.SIGTERM) -> str:
        """End it as an orchestrator does; what it has written."""
        self.process.send_signal(how)
        self.process.wait(DEADLINE)
        return self.written()

    def written(self) -> str:
        """What it has written until now."""
        return self.output.read_text(errors="replace")


def samples(exposition: str) -> dict[str, float]:
    """The values of an exposition, by name and labels as they are written."""
    lines = [line for line in exposition.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@contextlib.contextmanager
def running(
    command: str,
    directory: Path,
    *,
    workers: int = 2,
    variables: Mapping[str, str] | None = None,
    probe: str | None = None,
) -> Iterator[Cluster]:
    """A server until the test ends, in a session of its own, of which nothing is left then.

    It is up when it is healthy, or answers anything at another path.
    """
    port = free_port()
    program, *words = command.format(port=port, workers=workers).split()
    script = Path(sys.executable).with_name(program)
    with started([str(script), *words], directory, variables or {}) as process:
        cluster = Cluster(port, workers, process, directory / "output")
        until(lambda: _is_answered(cluster, probe), cluster.written)
        yield cluster


@contextlib.contextmanager
def started(
    arguments: Sequence[str], directory: Path, variables: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process, whose session is killed when the test ends."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "output").open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own server
            [sys.executable, *arguments],
            stdout=output,
            stderr=output,
            env=environment(directory, variables),
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def environment(directory: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a process that finds what the tests do, and that is configured."""
    return {
        **os.environ,
        "KYROS_OBS_SERVICE": "counting",
        "KYROS_OBS_ENV": "test",
        "KYROS_OBS_LOG_LEVEL": "warn",
        "KYROS_OBS_SPOOL_DIR": str(directory / "spool"),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        **variables,
    }


def until(happens: Callable[[], bool], told: Callable[[], str] = str) -> None:
    """Wait for what has to happen; `told` is said where it doesn't."""
    end = time.monotonic() + DEADLINE
    while not happens():
        assert time.monotonic() < end, told()
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return stat.rpartition(") ")[2][0] not in "ZX"


def _is_answered(cluster: Cluster, probe: str | None) -> bool:
    assert cluster.process.poll() is None, cluster.written()
    with contextlib.suppress(OSError, http.client.HTTPException):
        if probe is None:
            return bool(cluster.ask("/healthz").text)
        connection = http.client.HTTPConnection("127.0.0.1", cluster.port, timeout=DEADLINE)
        with contextlib.closing(connection):
            connection.request("GET", probe)
            return bool(connection.getresponse().status)
    return False

"""The port of its own among real processes: who holds it, and who has it next."""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kyros_obs import port
from tests.test_listener import address, ask, is_answered, until
from tests.test_servers import DEADLINE, free_port, started

LISTEN = "KYROS_OBS_METRICS_LISTEN"


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> str:
    """The setting of the processes that a test starts."""
    place = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv(LISTEN, place)
    return place


def holders(place: str) -> set[int]:
    """The processes that have the listening socket open, as the kernel says."""
    number = address(place)[1]
    rows = [row.split() for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()]
    listening = {row[9] for row in rows if row[1].endswith(f":{number:04X}") and row[3] == "0A"}
    links = {f"socket:[{inode}]" for inode in listening}
    found = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if str(link.readlink()) in links:
                found.add(int(link.parts[2]))
    return found


SERVERS = {
    "gunicorn": ["gunicorn", "--workers", "2", "--bind", "HERE", "tests.apps:make_dash()"],
    "uvicorn": ["uvicorn", "--workers", "2", "--port", "PORT", "--factory", "tests.apps:make_api"],
}


@pytest.mark.parametrize("server", SERVERS)
def test_a_worker_takes_over(place: str, tmp_path: Path, server: str) -> None:
    """One of two workers has the port; when it is killed, the port answers again."""
    number = free_port()
    names = {"HERE": f"127.0.0.1:{number}", "PORT": str(number)}
    command = [names.get(word, word) for word in SERVERS[server]]
    with started(command, number, tmp_path) as running:
        until(lambda: is_answered(place))
        (holder,) = holders(place)
        assert holder != running.process.pid
        os.kill(holder, signal.SIGKILL)
        until(lambda: holder not in holders(place) and is_answered(place))
        (successor,) = holders(place)
        assert successor not in {holder, running.process.pid}
        assert ask(place, "GET", "/metrics")[0].status == 200
        lines, err = running.stop()
    assert not [line for line in lines if "instrumentation failed" in (line["message"] or "")]
    assert "kyros" not in err
    assert not is_answered(place)


def test_gunicorn_preload(place: str, tmp_path: Path) -> None:
    """The master, which has configured, holds the port; its workers have no part in the socket."""
    number = free_port()
    where = ["--bind", f"127.0.0.1:{number}", "--workers", "2"]
    with started(["gunicorn", "--preload", *where, "tests.apps:make_dash()"], number, tmp_path) as (
        running
    ):
        until(lambda: is_answered(place))
        assert httpx.get(f"http://127.0.0.1:{number}/healthz").status_code == 200
        assert holders(place) == {running.process.pid}
        assert ask(place, "GET", "/metrics")[0].status == 200
        _, err = running.stop()
    assert err == ""


FORKING = """
import os, signal, sys, threading, time
import kyros_obs
from kyros_obs import _state, listener, port
made = threading.Event()
def listen(address):
    listening = port.listen(address)
    made.set()
    # Without a lock, the fork would come before the listener has noted what it holds.
    time.sleep(0.3)
    return listening
listener.listen = listen
kyros_obs.configure(service="app", env="test", spool_dir=sys.argv[1])
made.wait()
child = os.fork()
if child == 0:
    if sys.argv[2] == "closed":
        _state.current().close()
    print(os.getpid(), flush=True)
signal.pause()
"""


@contextlib.contextmanager
def forked(directory: Path, how: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that holds the port, and its child, which tries for it or has closed."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING]
    with subprocess.Popen(  # noqa: S603 - our own script
        [*command, str(directory / "spool"), how], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        try:
            yield parent, child
        finally:
            parent.kill()
            os.kill(child, signal.SIGKILL)


def test_a_child_does_not_hold_the_port(place: str, tmp_path: Path) -> None:
    """Forked while its parent takes the port, it has no part in it, dead or alive."""
    with forked(tmp_path, "closed") as (parent, _):
        assert holders(place) == {parent.pid}
        parent.kill()
        parent.wait(DEADLINE)
        assert holders(place) == set()
        with socket.create_server(address(place)):
            pass


def test_a_child_takes_over(place: str, tmp_path: Path) -> None:
    """It tries for the port itself, and has it when its parent has died."""
    with forked(tmp_path, "trying") as (parent, child):
        assert holders(place) == {parent.pid}
        parent.kill()
        parent.wait(DEADLINE)
        until(lambda: is_answered(place))
        assert holders(place) == {child}


BUSY = """
import os, sys
import kyros_obs
from kyros_obs import port
kyros_obs.configure(service="app", env="test", spool_dir=sys.argv[1])
host, _, number = os.environ["KYROS_OBS_METRICS_LISTEN"].rpartition(":")
while port.service_at((host, int(number))) is None:
    pass
children = []
for _ in range(40):
    child = os.fork()
    if child == 0:
        # Another thread of the child has to be able to start, fork and be waited for.
        grandchild = os.fork()
        if grandchild == 0:
            os._exit(0)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1]))
    children.append(child)
assert not any(os.waitpid(child, 0)[1] for child in children)
print("begun", flush=True)
sys.stdin.read(1)
"""


def test_forks_and_an_exit_while_it_answers(place: str, tmp_path: Path) -> None:
    """Children of a listener that is asked all the time, and its end, are as without one."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", BUSY]
    with subprocess.Popen(  # noqa: S603 - our own script
        [*command, str(tmp_path / "spool")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        scrapes = 0
        with socket.socket() as idle:
            until(lambda: idle.connect_ex(address(place)) == 0)
            while not select.select([process.stdout], [], [], 0)[0]:
                scrapes += ask(place, "GET", "/metrics")[0].status == 200
            assert process.stdout.readline() == "begun\n"
            assert ask(place, "GET", "/metrics")[0].status == 200
            out, err = process.communicate("x", DEADLINE)
    assert (process.returncode, out, err) == (0, "", "")
    assert scrapes
    assert port.service_at(address(place)) is None


DAEMON = """
import os, sys
import kyros_obs
from kyros_obs import port
address = ("127.0.0.1", int(sys.argv[2]))
kyros_obs.configure(
    service="app", logs=False, spool_dir=sys.argv[1], metrics_listen="%s:%d" % address
)
def wait():
    while port.service_at(address) != "app":
        pass
wait()
os.closerange(3, 1024)
wait()
"""


def test_an_application_that_closes_all_descriptors(tmp_path: Path) -> None:
    """As daemons do when they begin: the port is taken once more."""
    run(DAEMON, tmp_path)


RECONFIGURED = """
import sys, threading
import kyros_obs
from kyros_obs import port
def listeners():
    return [one for one in threading.enumerate() if one.name == "kyros-obs-listener"]
def wait(service):
    while port.service_at(("127.0.0.1", int(sys.argv[2]))) != service:
        pass
assert listeners() == []
where = f"127.0.0.1:{sys.argv[2]}"
kyros_obs.configure(service="first", spool_dir=sys.argv[1], metrics_listen=where)
wait("first")
kyros_obs.configure(service="first", spool_dir=sys.argv[1], metrics_listen=where)
assert len(listeners()) == 1
kyros_obs.configure(service="second", spool_dir=sys.argv[1], metrics_listen=where)
wait("second")
with kyros_obs.testing.capture(service="third", metrics_listen=where):
    wait("second")
kyros_obs.configure(service="second", spool_dir=sys.argv[1])
wait(None)
for one in listeners():
    one.join()
"""


def test_reconfigured(tmp_path: Path) -> None:
    """The port is that of the runtime in place, and goes with it; a capture leaves it alone."""
    run(RECONFIGURED, tmp_path)


def run(script: str, directory: Path) -> None:
    """Run a script with a spool and a port; it succeeds and writes nothing."""
    command = [sys.executable, "-X", "dev", "-c", script]
    done = subprocess.run(  # noqa: S603 - our own script
        [*command, str(directory / "spool"), str(free_port())],
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )
    assert (done.returncode, done.stdout, re.sub(r"\s", "", done.stderr)) == (0, "", "")

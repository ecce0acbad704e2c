"""Children end with the command that started them, whatever ends it, and nobody else does."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from examples.platform.launch.processes import LaunchError, Processes, wait_until

# A shell that puts a command into the background has it ignore SIGINT, and so its children.
COMMAND = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from examples.platform.launch.processes import Processes
with Processes(Path(sys.argv[1])) as processes:
    processes.start("sleeper", ["sleep", "600"])
    print(processes.children[0].process.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_children_end_with_their_command(tmp_path: Path, ending: signal.Signals) -> None:
    """Ctrl-C, `kill`, a closed terminal and `kill -9` all leave nothing behind."""
    bystander = subprocess.Popen(["sleep", "600"])
    command = [sys.executable, "-c", COMMAND, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(ending)
        parent.wait()
    try:
        while _runs(child):
            time.sleep(0.01)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    """The error holds what the server wrote last."""
    with Processes(tmp_path) as processes:
        processes.start("server", ["sh", "-c", "echo port is taken >&2; exit 3"])
        with pytest.raises(LaunchError, match="port is taken"):
            wait_until(processes, "the server answers", lambda: False)


def test_leftovers_go_after_the_last_child(tmp_path: Path) -> None:
    """What a child uses is removed only once the child has ended."""
    ended: list[bool] = []
    with Processes(tmp_path) as processes:
        child = processes.start("sleeper", ["sleep", "600"])
        processes.leftovers.callback(lambda: ended.append(child.process.poll() is not None))
    assert ended == [True]


def _runs(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped doesn't."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"

"""A process that counts and tells when it is told to: a line in, a line out."""

import contextlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kyros_obs
from kyros_obs import _state
from tests.clusters import environment, samples

#: The key of an answer among the log lines.
REPLY = "reply"


@dataclass
class Process:
    """One that runs, seen from the test."""

    popen: subprocess.Popen[str]
    lines: list[dict[str, Any]] = field(default_factory=list)
    """What it has logged until its last answer."""

    def count(self, times: int = 1) -> None:
        """Have it count."""
        for _ in range(times):
            self.ask("count")

    def told(self) -> dict[str, float]:
        """What a scrape of it tells."""
        told: dict[str, float] = self.ask("tell")
        return told

    def total(self) -> float:
        """What a scrape of it tells that has been counted."""
        return self.told()["counted_total"]

    def ask(self, command: str) -> Any:
        """Have it do something."""
        assert self.popen.stdin is not None
        assert self.popen.stdout is not None
        self.popen.stdin.write(f"{command}\n")
        self.popen.stdin.flush()
        for line in self.popen.stdout:
            read = json.loads(line)
            if REPLY in read:
                return read[REPLY]
            self.lines.append(read)
        raise AssertionError(f"it has ended with {self.popen.wait()}")


@contextlib.contextmanager
def counting(
    directory: Path, variables: Mapping[str, str] | None = None, *, limited: Sequence[str] = ()
) -> Iterator[Process]:
    """A process until the test ends, where it says so with a limit from before it configures."""
    command = [sys.executable, "-m", "tests.counting_process", *limited]
    with subprocess.Popen(  # noqa: S603 - our own process
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(directory, variables or {}),
        text=True,
    ) as popen:
        try:
            yield Process(popen)
        finally:
            popen.kill()


@contextlib.contextmanager
def all_counting(directory: Path, *variables: dict[str, str]) -> Iterator[list[Process]]:
    """Processes side by side."""
    with ExitStack() as stack:
        yield [stack.enter_context(counting(directory, one)) for one in variables]


def _limit(name: str, spare: int) -> None:
    """Lower a resource's limit to what the process uses now, and some more."""
    kind = getattr(resource, name)
    used = 0
    if kind == resource.RLIMIT_AS:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        used = pages * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(kind, (used + spare, used + spare))


def _main() -> None:
    if len(sys.argv) > 1:
        _limit(sys.argv[1], int(sys.argv[2]))
    kyros_obs.configure()
    counted = kyros_obs.counter("counted_total")
    replies: dict[str, Callable[[], object]] = {
        "count": counted.inc,
        "tell": lambda: samples(_state.runtime().scrape(None, None)[0].decode()),
    }
    for line in sys.stdin:
        sys.stdout.write(json.dumps({REPLY: replies[line.strip()]()}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()

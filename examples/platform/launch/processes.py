"""Child processes that never outlive the command that started them.

Each child has a session of its own, so that Ctrl-C reaches the command alone, which then stops its
children in the order that loses nothing. Should the command be killed outright, the kernel sends
every child its stop signal (`PR_SET_PDEATHSIG`). Nothing else on the machine is touched.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_STOP_SECONDS = 15.0


class LaunchError(Exception):
    """A server that did not start, with what it said last."""


@dataclass
class Child:
    """A started process, the signal that stops it, and the file with what it writes."""

    name: str
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals
    stdout: Path
    stderr: Path

    def last_words(self, lines: int = 12) -> str:
        """The end of what the process wrote."""
        text = self.stderr.read_text(errors="replace") or self.stdout.read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])


@dataclass
class Processes:
    """The children of this command; leaving the context stops all, newest first.

    What they leave behind is put on `leftovers`, which is cleared once the last one has ended.
    """

    log_directory: Path
    children: list[Child] = field(default_factory=list)
    leftovers: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        """Stop everything on SIGTERM and SIGHUP as well."""
        self.log_directory.mkdir(parents=True, exist_ok=True)
        for name in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, _interrupt)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Stop the children, and let nothing interrupt that."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        for child in reversed(self.children):
            _stop(child)
        self.leftovers.close()

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        directory: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> Child:
        """Start a child; call it from the main thread, whose death the kernel watches."""
        stdout, stderr = (self.log_directory / f"{name}.{kind}" for kind in ("stdout", "stderr"))
        with stdout.open("wb") as out, stderr.open("wb") as err:
            process = subprocess.Popen(  # noqa: S603 — the commands are this package's own
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=None if environment is None else {**os.environ, **environment},
                cwd=directory,
                user=user,
                group=None if user is None else _group(user),
                extra_groups=None if user is None else [],
                start_new_session=True,
                preexec_fn=_die_with_parent(stop_signal),  # noqa: PLW1509 — no threads run yet
            )
        child = Child(name, process, stop_signal, stdout, stderr)
        self.children.append(child)
        return child

    def check_alive(self) -> None:
        """Raise `LaunchError` for a child that has ended."""
        for child in self.children:
            if child.process.poll() is not None:
                code = child.process.returncode
                message = f"{child.name} ended with {code}:\n{child.last_words()}"
                raise LaunchError(message)


def wait_until(
    processes: Processes, what: str, ready: Callable[[], bool], seconds: float = 60.0
) -> None:
    """Wait for something to become true while all children live, or raise `LaunchError`."""
    deadline = time.monotonic() + seconds
    while not ready():
        processes.check_alive()
        if time.monotonic() > deadline:
            message = f"not within {seconds:.0f} s: {what}"
            raise LaunchError(message)
        time.sleep(0.1)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def arm() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arm


def _stop(child: Child) -> None:
    if child.process.poll() is None:
        child.process.send_signal(child.stop_signal)
    try:
        child.process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()


def _group(user: str) -> int:
    import pwd  # noqa: PLC0415 — only Unix has it, and only root needs it

    return pwd.getpwnam(user).pw_gid

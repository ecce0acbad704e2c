"""The only global state of the package: the active runtime. What is here lives once per process."""

import atexit
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from kyros_obs._native import Runtime

if TYPE_CHECKING:
    from kyros_obs.listener import Listener


class Active(NamedTuple):
    """A runtime and the settings it was made from."""

    runtime: Runtime
    settings: Mapping[str, str]
    captures: bool = False
    """Whether a test has put it in place: `configure` then leaves it there."""
    listener: "Listener | None" = None

    def close(self) -> None:
        """End what it has begun."""
        if self.listener is not None:
            self.listener.close()
        self.runtime.close()


#: What `current` returns, for what each request goes through; nobody else puts anything here.
latest: Active | None = None
_hooked = False
_creating = threading.RLock()


def runtime() -> Runtime:
    """The active runtime; the first use without `configure` makes it from the environment.

    Raises:
        ConfigError: The settings of the environment are not complete or not valid.
    """
    return latest.runtime if latest is not None else _create()


def active() -> Runtime | None:
    """The active runtime, if there is one. Never makes one."""
    return latest.runtime if latest is not None else None


def current() -> Active | None:
    """The same with its settings."""
    return latest


def changing() -> threading.RLock:
    """The lock for whoever looks at the active runtime and then puts another one in place."""
    return _creating


def activate(successor: Active | None) -> Active | None:
    """Put a runtime in place and return the one it replaces, which stays open."""
    global latest
    with _creating:
        predecessor, latest = latest, successor
        _follow_the_process()
    return predecessor


def _create() -> Runtime:
    from kyros_obs.config import configure  # noqa: PLC0415 - config activates what it makes

    with _creating:
        if latest is None:
            configure()
        return runtime()


def _follow_the_process() -> None:
    """Re-arm after `fork`, and flush at exit: registered with the first runtime, not at import."""
    global _hooked  # noqa: PLW0603 - this is the one place that may
    if not _hooked:
        _hooked = True
        os.register_at_fork(after_in_child=_after_fork)
        atexit.register(_close)


def _after_fork() -> None:
    global _creating  # noqa: PLW0603 - a thread of the parent may have held the lock
    _creating = threading.RLock()
    from kyros_obs._guard import Guard  # noqa: PLC0415 - the guard reports to the runtime here

    with Guard("fork"):
        if latest is not None:
            latest.runtime.after_fork()


def _close() -> None:
    from kyros_obs._guard import Guard  # noqa: PLC0415 - the guard reports to the runtime here

    with Guard("exit"):
        if latest is not None:
            latest.close()

"""The one mechanism that keeps failures of the instrumentation from the application."""

import functools
import logging
from types import TracebackType

from kyros_obs import _state

_PANIC = "PanicException"


class Guard:
    """`with Guard("dash"): ...` swallows what its body raises and counts it for that component.

    It has no state, so one object serves all threads and calls of a module. What is not an
    `Exception` (cancellation, exit, interruption) goes through.
    """

    __slots__ = ("_component", "_passing")

    def __init__(self, component: str, *, passing: type[Exception] | tuple[()] = ()) -> None:
        """Name the part of the SDK that failures are counted for, and what callers have to see."""
        self._component = component
        self._passing = passing

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Swallow and count a failure."""
        return error is not None and self.took(error)

    def took(self, error: BaseException) -> bool:
        """Count what was raised, where it is a failure of ours.

        For what each request goes through, where a block costs too much:
        `except BaseException as error: if not guard.took(error): raise`.
        """
        if not _is_failure(error) or isinstance(error, self._passing):
            return False
        report(self._component, error)
        return True


def report(component: str, error: BaseException) -> None:
    """Count a failure and have it logged once; without a runtime, warn once through `logging`."""
    try:
        runtime = _state.active()
        if runtime is None:
            _warn(component, _describe(error))
        else:
            runtime.failed(component, _describe(error))
    except BaseException as failure:
        if not _is_failure(failure):
            raise


def _is_failure(error: BaseException) -> bool:
    """A panic of native code is one, though its class is no `Exception`."""
    return isinstance(error, Exception) or type(error).__name__ == _PANIC


def _describe(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - an application's exception may fail to print itself
        return type(error).__name__


@functools.lru_cache(maxsize=64)
def _warn(component: str, message: str) -> None:
    logging.getLogger("kyros_obs").warning("%s failed: %s", component, message)

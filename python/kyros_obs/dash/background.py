"""Callbacks that a worker runs in the background: the run is measured there, by its function.

Dash's managers make a job of a function when it is registered, for a process of `DiskcacheManager`
or a task of Celery. The job writes the result when the function has returned, and may be killed as
soon as somebody has read it. So all is done before the function returns.
"""

from collections.abc import Callable
from contextlib import suppress
from contextvars import Token
from types import TracebackType
from typing import Any

from dash._callback_context import context_value

from kyros_obs import _state
from kyros_obs._guard import Guard
from kyros_obs._native import Callback
from kyros_obs.context import Record, current, leave
from kyros_obs.dash import carrier
from kyros_obs.dash.job import observed
from kyros_obs.dash.run import end_with

Function = Callable[..., Any]

_guard = Guard("dash")


def observe_workers() -> None:
    """Observe the functions that are registered, and those that will be."""
    managers = _managers()
    if managers is None or isinstance(managers.register_func, _Registration):
        return
    managers.register_func = _Registration(managers.register_func)
    for index, (key, function, *rest) in enumerate(managers.functions):
        around = observed(function)
        managers.functions[index] = (key, around, *rest)
        for manager in managers.managers:
            _exchange(manager.func_registry.get(key), function, around)


def _managers() -> Any:  # noqa: ANN401 - a class of Dash's own
    """The class that keeps the managers and the functions; Dash 2 has it elsewhere."""
    with suppress(ImportError):
        from dash.background_callback import managers  # noqa: PLC0415 - see above

        return managers.BaseBackgroundCallbackManager
    return None


class _Registration:
    """Registers a function as Dash does, but observed."""

    def __init__(self, original: Function) -> None:
        self._original = original

    def __call__(self, function: Function, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - Dash's own
        with _guard:
            function = observed(function)
        return self._original(function, *args, **kwargs)


def _exchange(registered: Any, function: Function, observed: Function) -> None:  # noqa: ANN401 - Dash's own
    """Have a job that is made already call the observed function in place of the other."""
    job = _job(registered)
    for cell in getattr(job, "__closure__", None) or ():
        if cell.cell_contents is function:
            cell.cell_contents = observed


def _job(registered: Any) -> Any:  # noqa: ANN401 - Dash's own
    """The function of a job.

    A task of Celery that nobody has used yet is not made for this: it would read settings that may
    not be complete.
    """
    is_made = getattr(type(registered), "__evaluated__", None)
    if is_made is not None and not is_made(registered):
        return object.__getattribute__(registered, "_Proxy__args")[0]
    return getattr(registered, "run", registered)


class BackgroundRun:
    """One run in a worker."""

    _record: Callback | None = None
    _token: Token[Record | None] | None = None

    def __enter__(self) -> None:
        with _guard:
            runtime = _state.active()
            told = carrier.unload(context_value.get())
            if runtime is not None and told is not None:
                self._record = runtime.background(*told)
                self._token = current.set(self._record)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._record is None or self._token is None:
            return
        with _guard:
            if error is not None:
                end_with(error, self._record, log=True)
            self._record.finish_last()
        leave(self._token)

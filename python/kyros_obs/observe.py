"""The decorator for routes and Dash callbacks: a name, fields and an audit row for what they do."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from kyros_obs._guard import Guard
from kyros_obs.context import current
from kyros_obs.exceptions import AuditError
from kyros_obs.trail import audit as write_audit

P = ParamSpec("P")
R = TypeVar("R")

#: Dash's way to end a callback without an effect; not imported, for Dash may not be there.
_NOTHING_DONE = "PreventUpdate"

_guard = Guard("observe")


def observe(
    name: str | None = None,
    /,
    *,
    audit: str | None = None,
    resource: str | None = None,
    **fields: object,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Enrich the measurement that a function runs under; it measures nothing twice.

    Under `@app.callback` or a route's decorator, so that the framework gets the observed function:

        @app.callback(Output("value", "children"), Input("go", "n_clicks"))
        @kyros_obs.observe("recalculate", audit="view_dashboard")
        def recalculate(clicks): ...

    Args:
        name: What the function does; the function's own name where it is left out.
        audit: An audit action, recorded with outcome `success` or `failure` when the function ends.
        resource: What the action was done to.
        fields: Anything else for the log line.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        notes = {"observed": name or function.__qualname__, **fields}
        return _observed(function, functools.partial(_Observation, notes, audit, resource))

    return decorate


def _observed(
    function: Callable[P, R], observation: "Callable[[], _Observation]"
) -> Callable[P, R]:
    """Wrap a function and keep it what it is: a coroutine function or a plain one."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with observation():
            return function(*args, **kwargs)

    @functools.wraps(function)
    async def run_async(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401 - what it awaits
        with observation():
            return await cast("Callable[P, Awaitable[Any]]", function)(*args, **kwargs)

    chosen = run_async if inspect.iscoroutinefunction(function) else run
    _keep_signature(chosen, function)
    return cast("Callable[P, R]", chosen)


class _Observation:
    """One call: its fields go to the current record when it begins, its audit row when it ends."""

    def __init__(self, notes: dict[str, object], action: str | None, resource: str | None) -> None:
        self._notes = notes
        self._action = action
        self._resource = resource

    def __enter__(self) -> None:
        record = current.get()
        if record is not None:
            with _guard:
                record.bind((None, None, None, None), self._notes)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._action is None or type(error).__name__ == _NOTHING_DONE:
            return
        if error is None:
            write_audit(self._action, resource=self._resource)
            return
        with suppress(AuditError):  # what the function raised is what its caller has to see
            write_audit(self._action, resource=self._resource, outcome="failure")


def _keep_signature(wrapper: Callable[..., Any], function: Callable[..., Any]) -> None:
    """Resolve annotations where they were written: frameworks would look them up in this module."""
    with suppress(Exception):
        cast("Any", wrapper).__signature__ = inspect.signature(function, eval_str=True)

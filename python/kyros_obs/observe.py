"""The decorator for routes and Dash callbacks: a name, fields and an audit row for what they do."""

import functools
import inspect
from collections.abc import Callable
from contextlib import aclosing, suppress
from types import TracebackType
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast, overload

from kyros_obs._guard import Guard
from kyros_obs._vocabulary import OUTCOME_FAILURE, OUTCOME_SUCCESS, ActionName, OutcomeValue
from kyros_obs.context import current
from kyros_obs.exceptions import AuditError
from kyros_obs.trail import audit_of

P = ParamSpec("P")
R = TypeVar("R")

Function: TypeAlias = Callable[..., Any]

#: Dash's way to end a callback without an effect; not imported, for Dash may not be there.
_NOTHING_DONE = "PreventUpdate"

_guard = Guard("observe")


@overload
def observe(function: Callable[P, R], /) -> Callable[P, R]: ...


@overload
def observe(
    name: str | None = None,
    /,
    *,
    audit: ActionName | str | None = None,
    resource: str | None = None,
    **fields: object,
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def observe(
    name: Function | str | None = None,
    /,
    *,
    audit: ActionName | str | None = None,
    resource: str | None = None,
    **fields: object,
) -> Function:
    """Enrich the measurement that a function runs under; it measures nothing twice.

    Under `@app.callback` or a route's decorator, so that the framework gets the observed function:

        @app.callback(Output("value", "children"), Input("go", "n_clicks"))
        @kyros_obs.observe("recalculate", audit="view_dashboard")
        def recalculate(clicks): ...

    Without parentheses it takes the function itself, and its name.

    Args:
        name: What the function does; the function's own name where it is left out.
        audit: An audit action, recorded with outcome `success` or `failure` when the function ends.
            A generator function ends when its generator does; one that is closed early has done
            what it was asked for.
        resource: What the action was done to, the same in each call; for one that differs call
            `kyros_obs.audit` in the function.
        fields: Anything else for the log line.
    """
    if callable(name):
        return observe()(name)

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        notes = {"observed": name or function.__qualname__, **fields}
        return _observed(function, functools.partial(_Observation, notes, audit, resource))

    return decorate


def _observed(
    function: Callable[P, R], observation: "Callable[[], _Observation]"
) -> Callable[P, R]:
    """Wrap a function and keep what kind of function it is."""
    wrap = next((wrap for is_kind, wrap in _KINDS if is_kind(function)), _plain)
    wrapper = functools.wraps(function)(wrap(function, observation))
    _keep_signature(wrapper, function)
    return cast("Callable[P, R]", wrapper)


def _plain(function: Function, observation: "Callable[[], _Observation]") -> Function:
    def run(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the function's own
        with observation():
            return function(*args, **kwargs)

    return run


def _coroutine(function: Function, observation: "Callable[[], _Observation]") -> Function:
    async def run(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the function's own
        with observation():
            return await function(*args, **kwargs)

    return run


def _generator(function: Function, observation: "Callable[[], _Observation]") -> Function:
    def run(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the function's own
        with observation():
            return (yield from function(*args, **kwargs))

    return run


def _asynchronous_generator(
    function: Function, observation: "Callable[[], _Observation]"
) -> Function:
    async def run(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the function's own
        with observation():
            async with aclosing(function(*args, **kwargs)) as inner:
                step = anext(inner)
                while True:
                    try:
                        item = await step
                    except StopAsyncIteration:
                        return
                    try:
                        step = inner.asend((yield item))
                    except GeneratorExit:
                        raise
                    except BaseException as error:  # noqa: BLE001 - it is the inner one's to handle
                        step = inner.athrow(error)

    return run


_KINDS = (
    (inspect.iscoroutinefunction, _coroutine),
    (inspect.isgeneratorfunction, _generator),
    (inspect.isasyncgenfunction, _asynchronous_generator),
)


class _Observation:
    """One call: its fields go to the current record when it begins, its audit row when it ends."""

    def __init__(self, notes: dict[str, object], action: str | None, resource: str | None) -> None:
        self._notes = notes
        self._action = action
        self._resource = resource

    def __enter__(self) -> None:
        # Kept, since a generator may be closed in another request than it began in.
        self._record = current.get()
        if self._record is not None:
            with _guard:
                self._record.bind((None, None, None, None), self._notes)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._action is None or type(error).__name__ == _NOTHING_DONE:
            return
        if error is None:
            self._audit(self._action, OUTCOME_SUCCESS)
            return
        closed = isinstance(error, GeneratorExit)
        with suppress(AuditError):  # what the function raised is what its caller has to see
            self._audit(self._action, OUTCOME_SUCCESS if closed else OUTCOME_FAILURE)

    def _audit(self, action: str, outcome: OutcomeValue) -> None:
        audit_of(self._record, action, self._resource, outcome, {})


def _keep_signature(wrapper: Callable[..., Any], function: Callable[..., Any]) -> None:
    """Resolve annotations where they were written: frameworks would look them up in this module."""
    with suppress(Exception):
        cast("Any", wrapper).__signature__ = inspect.signature(function, eval_str=True)

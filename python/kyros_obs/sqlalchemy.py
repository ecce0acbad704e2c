"""The statements of SQLAlchemy's engines: how long the database took, and what it refused.

    kyros_obs.instrument_sqlalchemy(engine)

What is measured is the time until the driver has the database's answer; rows that are fetched
later are not part of it. Of a statement its kind alone is kept: no text and no parameter of it.
"""

from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, TypeVar

from kyros_obs import _native, _state
from kyros_obs._guard import Guard
from kyros_obs.context import waiting

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect, Engine, ExceptionContext
    from sqlalchemy.ext.asyncio import AsyncEngine

Some = TypeVar("Some", bound="Engine | AsyncEngine")

#: Where an execution has the time of its statement. It belongs to one thread or task at a time,
#: and lives no longer than what it executes.
_BEGUN: Final = "_kyros_obs_begun"
#: What ends a transaction goes past the cursor, so that there is no statement to look at.
_TRANSACTION: Final = "COMMIT"

_guard = Guard("sqlalchemy")


def instrument_sqlalchemy(engine: Some) -> Some:
    """Measure the statements of an engine; doing it again changes nothing.

    Engines that `execution_options` derive from it are measured with it.

    Args:
        engine: An `Engine` or `AsyncEngine` of SQLAlchemy 2.

    Returns:
        The same engine.

    Raises:
        TypeError: It is neither.
    """
    from sqlalchemy import Engine, event

    inner = getattr(engine, "sync_engine", engine)
    if not isinstance(inner, Engine):
        raise TypeError(
            f"can't measure the statements of a `{type(engine).__name__}`: expected one of "
            "Engine, AsyncEngine\n  hint: give the engine that its sessions are bound to"
        )
    for target, name, listener in (
        (inner, "before_cursor_execute", _begin),
        (inner, "after_cursor_execute", _end),
        (inner.dialect, "handle_error", _fail),
    ):
        if not event.contains(target, name, listener):
            event.listen(target, name, listener)
    return engine


def _begin(
    _connection: "Connection",
    _cursor: object,
    _statement: str,
    _parameters: object,
    context: Any,  # noqa: ANN401 - the dialect's own
    _many: bool,  # noqa: FBT001 - SQLAlchemy's own
) -> None:
    with _guard:
        setattr(context, _BEGUN, perf_counter())


def _end(
    connection: "Connection",
    _cursor: object,
    statement: str,
    _parameters: object,
    context: Any,  # noqa: ANN401 - the dialect's own
    _many: bool,  # noqa: FBT001 - SQLAlchemy's own
) -> None:
    with _guard:
        seconds = _since(context)
        if seconds is not None:
            _measure(connection.dialect, statement, seconds, failed=False)


def _fail(failure: "ExceptionContext") -> None:
    """Count what was refused. A stale connection that is found in time is replaced instead."""
    with _guard:
        if failure.is_pre_ping or not isinstance(failure.original_exception, Exception):
            return
        statement = failure.statement
        if statement is None and failure.connection is not None:
            statement = _TRANSACTION
        _measure(failure.dialect, statement, _since(failure.execution_context), failed=True)


def _since(context: Any) -> float | None:  # noqa: ANN401 - the dialect's own
    """Seconds since the statement began; None for one that has been measured, or never began."""
    begun = getattr(context, _BEGUN, None)
    if begun is None:
        return None
    with suppress(AttributeError):
        delattr(context, _BEGUN)
    return perf_counter() - float(begun)


def _measure(
    dialect: "Dialect", statement: str | None, seconds: float | None, *, failed: bool
) -> None:
    runtime = _state.active()
    if runtime is not None:
        _native.query(runtime, dialect.name, statement, seconds, failed, waiting())

"""Exceptions as data: type, message, frames, and what they came of."""

from collections import deque
from collections.abc import Iterator
from types import TracebackType

#: Frames of an exception and its causes together, as many as a line holds.
_MOST_FRAMES = 50
#: Causes and members that are told.
_MOST_CAUSES = 5
#: Frames of each of them, the innermost ones.
_MOST_FRAMES_OF_CAUSE = 4


def error_data(error: BaseException) -> tuple[str, str, list[str]]:
    """An exception as data: its type, its message, and frames without source or local variables.

    What it came of follows its own frames: a frame `caused by TYPE: message`, or `member TYPE:
    message` for one of a group, and the innermost frames of that.
    """
    causes = list(_causes(error))
    own = list(_frames(error.__traceback__))
    room = _MOST_FRAMES - len(causes)
    return _name(error), printed(error), own[-room:] + causes


def printed(value: object) -> str:
    """A value's text, or that it has none."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - whatever the application's `__str__` raises
        return f"<{type(value).__qualname__} that can't be printed>"


def _causes(error: BaseException) -> Iterator[str]:
    """What the error came of, the nearest first, each once."""
    seen = {id(error)}
    waiting = deque(_came_of(error))
    told = 0
    while waiting and told < _MOST_CAUSES:
        how, cause = waiting.popleft()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        told += 1
        yield f"{how} {_name(cause)}: {printed(cause)}"
        yield from list(_frames(cause.__traceback__))[-_MOST_FRAMES_OF_CAUSE:]
        waiting.extend(_came_of(cause))


def _came_of(error: BaseException) -> Iterator[tuple[str, BaseException]]:
    """The cause, else the context unless it is suppressed, and the members of a group."""
    try:
        context = None if error.__suppress_context__ else error.__context__
        cause = error.__cause__ if error.__cause__ is not None else context
        members = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    except Exception:  # noqa: BLE001 - whatever the application's properties raise
        return
    if isinstance(cause, BaseException):
        yield "caused by", cause
    for member in members[:_MOST_CAUSES]:
        yield "member", member


def _name(error: BaseException) -> str:
    kind = type(error)
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def _frames(trace: TracebackType | None) -> Iterator[str]:
    """Innermost last."""
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f"{code.co_filename}:{trace.tb_lineno} in {code.co_qualname}"
        trace = trace.tb_next

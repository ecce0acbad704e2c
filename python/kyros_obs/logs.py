"""Python's `logging` in our schema: every logger, the servers' included, and uncaught exceptions.

A handler on the root logger hands each record to the native side, which redacts and writes it.
Handlers that write to the console are taken off, so that no line comes twice; handlers that write
elsewhere are the application's business and stay, those of the servers' access loggers included.

The setting `log_level` alone says what is written. The root logger's level is lowered to it where
it is above, also where the application has set it, and never raised; so handlers of the application
that are to hear less than the root logger lets through need a level of their own. A logger with a
level of its own keeps it.
"""

import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

from kyros_obs import _state
from kyros_obs._failure import error_data, printed
from kyros_obs._guard import Guard, report
from kyros_obs._native import Runtime
from kyros_obs._vocabulary import SETTING_LOG_LEVEL, SETTING_LOGS
from kyros_obs.context import current

#: Loggers of lines that say what our access lines say.
_ACCESS = ("uvicorn.access", "gunicorn.access", "hypercorn.access", "granian.access")
#: Loggers that servers keep from the root, where `logging` would print what nobody handles.
_SERVERS = ("uvicorn.error", "gunicorn.error")
#: Werkzeug has one logger for its access lines, at level info, and for its problems.
_ACCESS_AND_PROBLEMS = "werkzeug"

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}

#: What every record has; `color_message` is uvicorn's second copy of the message.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}

_guard = Guard("logs")


class Bridge(logging.Handler):
    """Hands records to the runtime that is active when they come."""

    #: The root logger's level as the application left it, and as it was set for this handler.
    _found = logging.NOTSET
    _given: int | None = None

    def lowered(self, level: int) -> int:
        """The level for a root logger that has this one, so that what is to be written arrives."""
        if level != self._given:
            self._found = level
        self._given = min(self._found, self.level)
        return self._given

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        with _guard:
            runtime = _state.active()
            if runtime is not None and not _is_access_line(record):
                runtime.log(
                    level_name(record.levelno),
                    record.name,
                    _message(record),
                    _error(record),
                    _fields(record),
                    current.get(),
                )

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's own
        """Count a failure; never print the record, as `logging` would."""
        error = sys.exception()
        if error is not None:
            report("logs", error)


def take_over() -> None:
    """Make all loggers write through the active runtime; what is set up later needs it again."""
    runtime = _state.active()
    if runtime is None:
        return
    with _guard:
        if runtime.setting(SETTING_LOGS) == "true":
            _bridge_root(least_level(runtime))
            _take_off_consoles()
            _silence_access_lines()
            _hook_uncaught()


def least_level(runtime: Runtime) -> int:
    """The number of `logging` for the least level that is written."""
    return _LEVELS[runtime.setting(SETTING_LOG_LEVEL) or "info"]


def level_name(level: int) -> str:
    """The schema's level for a number of `logging`: the highest that it reaches."""
    reached = [name for name, number in _LEVELS.items() if number <= level]
    return reached[-1] if reached else "debug"


def _bridge_root(level: int) -> None:
    root = logging.getLogger()
    bridges = [handler for handler in root.handlers if isinstance(handler, Bridge)]
    if not bridges:
        bridges.append(Bridge())
        root.addHandler(bridges[0])
    for bridge in bridges:
        bridge.setLevel(level)
        root.setLevel(bridge.lowered(root.level))


def _loggers() -> Iterator[logging.Logger]:
    yield logging.getLogger()
    for logger in list(logging.Logger.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            yield logger


def _take_off_consoles() -> None:
    """A logger loses its console handlers, and then has to pass its records on to the root.

    Uvicorn's worker of gunicorn has its loggers share gunicorn's lists of handlers, so that all are
    looked at before one is changed; and where gunicorn's were changed before, it shares none.
    """
    consoles = [
        (logger, list(filter(_writes_to_console, logger.handlers))) for logger in _loggers()
    ]
    for logger, handlers in consoles:
        for handler in handlers:
            logger.removeHandler(handler)
        if handlers or (logger.name in _SERVERS and not logger.handlers):
            logger.propagate = True


def _writes_to_console(handler: logging.Handler) -> bool:
    streams = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
    return isinstance(handler, logging.StreamHandler) and handler.stream in streams


def _silence_access_lines() -> None:
    """Nobody hears the servers' access lines but handlers the application has put there.

    Where there are none, uvicorn asks `hasHandlers()` and then doesn't even format its lines.
    """
    for name in _ACCESS:
        logging.getLogger(name).propagate = False
    problems = logging.getLogger(_ACCESS_AND_PROBLEMS)
    if not problems.handlers:
        problems.setLevel(logging.WARNING)


def _is_access_line(record: logging.LogRecord) -> bool:
    return record.name == _ACCESS_AND_PROBLEMS and record.levelno < logging.WARNING


def _message(record: logging.LogRecord) -> str:
    """The message; the template alone where it does not fit its arguments."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - whatever the application's arguments raise
        return printed(record.msg)


def _error(record: logging.LogRecord) -> tuple[str, str, list[str]] | None:
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    return error_data(error) if error is not None else None


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """What the caller gave as `extra`."""
    extra: Mapping[str, Any] = vars(record)
    return {name: value for name, value in extra.items() if name not in _STANDARD}


def _hook_uncaught() -> None:
    """Uncaught exceptions become a line; hooks that others have installed are called as before."""
    if not isinstance(sys.excepthook, _UncaughtHook):
        sys.excepthook = _UncaughtHook(sys.excepthook, sys.__excepthook__)
    if not isinstance(threading.excepthook, _UncaughtThreadHook):
        threading.excepthook = _UncaughtThreadHook(threading.excepthook)


class _UncaughtHook:
    """Writes a line instead of the traceback, which would show lines of source."""

    def __init__(self, previous: Any, default: Any) -> None:  # noqa: ANN401 - hooks are untyped
        self._previous = previous
        self._default = default

    def __call__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        written = isinstance(error, Exception) and _log_uncaught(error)
        if not written or self._previous is not self._default:
            self._previous(kind, error, trace)


class _UncaughtThreadHook:
    """The same for threads."""

    def __init__(self, previous: Any) -> None:  # noqa: ANN401 - hooks are untyped
        self._previous = previous

    def __call__(self, uncaught: threading.ExceptHookArgs) -> None:
        error = uncaught.exc_value
        written = isinstance(error, Exception) and _log_uncaught(error)
        if not written or self._previous is not threading.__excepthook__:
            self._previous(uncaught)


def _log_uncaught(error: Exception) -> bool:
    with _guard:
        runtime = _state.active()
        if runtime is not None:
            data = error_data(error)
            runtime.log("critical", "uncaught", "uncaught exception", data, {}, current.get())
            return True
    return False

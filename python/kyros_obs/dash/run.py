"""What is measured of one run of a callback."""

import asyncio
import functools
import inspect
from collections.abc import Callable
from contextlib import suppress
from contextvars import Token
from types import TracebackType
from typing import Any, Generic, ParamSpec, Self, TypeVar, cast

import flask
from dash import _callback, exceptions

from kyros_obs import _state, identity
from kyros_obs._failure import error_data
from kyros_obs._guard import Guard
from kyros_obs._native import Callback, CallbackName, Request
from kyros_obs._vocabulary import (
    OUTCOME_ERROR,
    OUTCOME_PREVENT_UPDATE,
    OUTCOME_UNKNOWN,
    SETTING_LOGS,
    OutcomeValue,
)
from kyros_obs.context import Record, current, leave
from kyros_obs.dash import carrier

P = ParamSpec("P")
R = TypeVar("R")

#: What a callback raises that has nothing to say, or nobody left to say it to: Dash has no error
#: of either. The second is of Dash 4.
_NOTHING_TO_SAY: tuple[type[Exception], ...] = (
    exceptions.PreventUpdate,
    getattr(exceptions, "WebsocketDisconnected", exceptions.PreventUpdate),
)
#: What a poll raises for a run whose error the worker has told. It is of Dash 3.
_TOLD = getattr(exceptions, "BackgroundCallbackError", ())

_DISPATCH = "_dash-update-component"
#: Servers that log what leaves a view.
_LOGGING = frozenset({"Flask", "Quart"})

_guard = Guard("dash")


class Measured:
    """A callback that is measured, each time it runs."""

    def __init__(
        self,
        name: CallbackName,
        opened: Callable[[dict[str, Any]], None] | None,
        *,
        in_background: bool,
    ) -> None:
        """Name it; `opened` is told of each run that returns."""
        self.name = name
        self.opened = opened
        self.in_background = in_background

    def run(self, arguments: dict[str, Any], *, is_coroutine: bool = False) -> "_Run":
        """One run with the keywords that Dash gives it."""
        return _Run(self, arguments, is_coroutine=is_coroutine)


class _Run:
    """One run of a callback, or what a request does for one that runs in the background."""

    _record: Callback | None = None
    _token: Token[Record | None] | None = None

    def __init__(
        self, measured: Measured, arguments: dict[str, Any], *, is_coroutine: bool
    ) -> None:
        self._measured = measured
        self._arguments = arguments
        self._is_coroutine = is_coroutine

    def __enter__(self) -> Self:
        with _guard:
            runtime = _state.active()
            outer = current.get()
            if runtime is not None:
                request = outer if isinstance(outer, Request) else None
                self._record = runtime.callback(self._measured.name, request)
                self._token = current.set(self._record)
                self._prepare(self._record)
        return self

    def answered(self, answer: R) -> R:
        """Note what it returns."""
        if self._record is not None:
            with _guard:
                self._record.answered(answer)
        return answer

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._record is None or self._token is None:
            return
        try:
            if error is None:
                self._tell(self._record)
        finally:
            with _guard:
                if error is not None and not isinstance(error, _TOLD):
                    end_with(error, self._record, log=not _is_logged(self._arguments))
                _learn(self._arguments.get("app"))
                self._record.finish()
            leave(self._token)

    def _tell(self, record: Callback) -> None:
        """Tell who wants to know that it has returned, and by itself: not an `on_error`."""
        opened, handled = self._measured.opened, True
        if opened is not None:
            with _guard:
                handled = record.is_handled()
            if not handled:
                opened(self._arguments)

    def _prepare(self, record: Callback) -> None:
        if self._measured.in_background:
            context = self._arguments.get("callback_context")
            if carrier.is_poll(context):
                record.polls()
            else:
                record.sets_up()
                carrier.load(context, self._measured.name, record)
        if not self._is_coroutine and _holds_a_loop(self._arguments.get("app")):
            record.blocks()


def end_with(error: BaseException, record: Callback, *, log: bool) -> None:
    """Note what a run has raised, and log what nobody else would."""
    outcome = _outcome(error)
    record.outcome(outcome)
    runtime = _state.active()
    if outcome == OUTCOME_ERROR and log and runtime is not None:
        with _guard:
            if runtime.setting(SETTING_LOGS) == "true":
                data = error_data(error)
                runtime.log("error", __name__, "callback failed", data, {}, record)


def _outcome(error: BaseException) -> OutcomeValue:
    if isinstance(error, _NOTHING_TO_SAY):
        return OUTCOME_PREVENT_UPDATE
    return OUTCOME_ERROR if isinstance(error, Exception) else OUTCOME_UNKNOWN


def _is_logged(arguments: dict[str, Any]) -> bool:
    """Whether the server logs what a callback raises: Flask and Quart do, where it leaves a view.

    FastAPI's backend of Dash makes an answer of it in silence, and so do WebSockets and what serves
    a model.
    """
    path = getattr(arguments.get("callback_context"), "path", None) or _path_of_flask()
    kinds = {one.__name__ for one in type(getattr(arguments.get("app"), "server", None)).__mro__}
    return bool(kinds & _LOGGING) and str(path).partition("?")[0].endswith(_DISPATCH)


def _learn(app: object) -> None:
    """Learn what a callback has left in `flask.g`, as from any view of Flask."""
    server = getattr(app, "server", None)
    witness = getattr(getattr(server, "wsgi_app", None), "witness", None)
    if witness is not None and flask.has_request_context():
        identity.learn(witness)


def _path_of_flask() -> str:
    """The path, for versions of Dash that have it nowhere else."""
    return flask.request.path if flask.has_request_context() else ""


def _holds_a_loop(app: object) -> bool:
    """Whether this thread runs an event loop that others need. Flask has one for each request."""
    if isinstance(getattr(app, "server", None), flask.Flask):
        return False
    with suppress(RuntimeError):
        return bool(asyncio.get_running_loop())
    return False


def note_swallowed_errors() -> None:
    """See errors before `on_error` does: Dash calls every user function through these two."""
    for name in ("_invoke_callback", "_async_invoke_callback"):
        original = getattr(_callback, name, None)
        if original is not None and not isinstance(original, _Invocation):
            setattr(_callback, name, _Invocation(original))


class _Invocation(Generic[P, R]):
    """Calls a user function as Dash does, and notes its error on the current measurement."""

    def __init__(self, original: Callable[P, R]) -> None:
        functools.update_wrapper(self, original)
        self._original = original
        self.__code__ = getattr(original, "__code__", None)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            result = self._original(*args, **kwargs)
        except Exception as error:
            _note(error)
            raise
        return cast("R", _awaited(result)) if inspect.iscoroutine(result) else result


async def _awaited(result: Any) -> Any:  # noqa: ANN401 - what the user's function returns
    try:
        return await result
    except Exception as error:
        _note(error)
        raise


def _note(error: Exception) -> None:
    record = current.get()
    if isinstance(record, Callback) and not isinstance(error, _NOTHING_TO_SAY):
        with _guard:
            record.handled()

"""What is measured of one run of a callback."""

import functools
from asyncio import _get_running_loop
from collections.abc import Callable
from contextvars import Token
from typing import Any, TypeAlias, cast

import flask
from dash import _callback, exceptions

from kyros_obs import _state, identity
from kyros_obs._failure import error_data
from kyros_obs._guard import Guard
from kyros_obs._native import Callback, CallbackName, Invocation
from kyros_obs._vocabulary import (
    OUTCOME_ERROR,
    OUTCOME_PREVENT_UPDATE,
    OUTCOME_UNKNOWN,
    SETTING_LOGS,
    OutcomeValue,
)
from kyros_obs.context import Record, current, leave
from kyros_obs.dash import carrier

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


#: One run of a callback, or what a request does for one that runs in the background: its record,
#: and what was current before. A plain tuple, for each run makes one.
Run: TypeAlias = tuple[Callback, Token[Record | None]]


class Measured:
    """A callback that is measured, each time it runs. What Dash calls it with is `arguments`."""

    def __init__(
        self,
        name: CallbackName,
        opened: Callable[[dict[str, Any]], None] | None,
        *,
        in_background: bool,
        is_coroutine: bool,
    ) -> None:
        """Name it; `opened` is told of each run that returns."""
        self.is_coroutine = is_coroutine
        self._name = name
        self._opened = opened
        self._in_background = in_background

    def begin(self, arguments: dict[str, Any]) -> Run | None:
        """Begin a run, if there is a runtime."""
        this = None
        try:
            active = _state.current()
            if active is not None:
                record = active.runtime.callback(self._name, current.get())
                this = record, current.set(record)
                if self._in_background:
                    self._ask_for_run(record, arguments)
                if not self.is_coroutine and _get_running_loop() is not None:
                    _note_held_loop(record, arguments)
        except BaseException as error:
            if not _guard.took(error):
                raise
        return this

    def returned(self, this: Run, answer: object, arguments: dict[str, Any]) -> None:
        """End a run that has returned, and tell who wants to know."""
        record, token = this
        try:
            if self._opened is not None:
                self._tell(self._opened, record, arguments)
        finally:
            try:
                _learn(arguments.get("app"))
                record.finish(answer)
            except BaseException as error:
                if not _guard.took(error):
                    raise
            leave(token)

    def raised(self, this: Run, error: BaseException, arguments: dict[str, Any]) -> None:
        """End a run that has raised."""
        record, token = this
        with _guard:
            if not isinstance(error, _TOLD):
                end_with(error, record, log=not _is_logged(arguments))
            _learn(arguments.get("app"))
            record.finish()
        leave(token)

    def _tell(
        self,
        opened: Callable[[dict[str, Any]], None],
        record: Callback,
        arguments: dict[str, Any],
    ) -> None:
        """Tell that it has returned, and by itself: not an `on_error`."""
        handled = True
        with _guard:
            handled = record.is_handled()
        if not handled:
            opened(arguments)

    def _ask_for_run(self, record: Callback, arguments: dict[str, Any]) -> None:
        """Note what a request does for a run in the background."""
        context = arguments.get("callback_context")
        if carrier.is_poll(context):
            record.polls()
        else:
            record.sets_up()
            carrier.load(context, self._name, record)


def end_with(error: BaseException, record: Callback, *, log: bool) -> None:
    """Note what a run has raised, and log what nobody else would."""
    outcome = _outcome(error)
    if outcome == OUTCOME_PREVENT_UPDATE and record.is_handled():
        return  # An `on_error` has answered nothing to an error, which it stays.
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


def _note_held_loop(record: Callback, arguments: dict[str, Any]) -> None:
    """Note that this thread's event loop is kept from others. Flask has one for each request."""
    if not isinstance(getattr(arguments.get("app"), "server", None), flask.Flask):
        record.blocks()


def note_swallowed_errors() -> None:
    """See errors before `on_error` does: Dash calls every user function through these two."""
    for name in ("_invoke_callback", "_async_invoke_callback"):
        original = getattr(_callback, name, None)
        if original is not None and not isinstance(original, Invocation):
            observed = Invocation(original, _note, _awaited)
            functools.update_wrapper(cast("Any", observed), original)
            setattr(_callback, name, observed)


async def _awaited(result: Any) -> Any:  # noqa: ANN401 - what the user's function returns
    """Await what a user function has returned."""
    try:
        return await result
    except Exception as error:
        _note(error)
        raise


def _note(error: BaseException) -> None:
    record = current.get()
    if isinstance(record, Callback) and not isinstance(error, _NOTHING_TO_SAY):
        with _guard:
            record.handled()

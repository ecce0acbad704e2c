"""Dash: times every server callback of an application and counts its errors.

`Dash.callback_map` is where a callback is looked up for each run, whatever backend runs it. It is
replaced by a mapping that wraps callbacks as they come in, early and late.
"""

import functools
import hashlib
import inspect
import re
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Generic, ParamSpec, TypeVar, cast

import dash
from dash import _callback
from dash.exceptions import PreventUpdate

from kyros_obs import _state, frameworks, logs
from kyros_obs._guard import Guard
from kyros_obs._native import Callback, Request
from kyros_obs._vocabulary import (
    OUTCOME_ERROR,
    OUTCOME_PREVENT_UPDATE,
    OUTCOME_UNKNOWN,
    SETTING_APP_SLUG,
    OutcomeValue,
)
from kyros_obs.context import current, leave
from kyros_obs.witness import Ask

P = ParamSpec("P")
R = TypeVar("R")

_LONGEST = 100
_CALLBACK = "callback"

_guard = Guard("dash")


def instrument(app: dash.Dash, *, app_slug: str | None = None, identity: Ask | None = None) -> None:
    """Observe an application and its server; doing it again changes nothing."""
    with _guard:
        if not isinstance(app.callback_map, ObservedCallbacks):
            app.callback_map = ObservedCallbacks(app_slug or _app_slug(app), app.callback_map)
        _note_swallowed_errors()
        if app.server is not None:
            frameworks.instrument(app.server, identity=identity)
        logs.take_over()


class ObservedCallbacks(dict[str, Any]):
    """An application's callbacks by id, each of them measured."""

    def __init__(self, app_slug: str, callbacks: dict[str, Any]) -> None:
        """Take over the callbacks that are there."""
        super().__init__()
        self._app_slug = app_slug
        self.update(callbacks)

    def __setitem__(self, callback_id: str, entry: dict[str, Any]) -> None:
        """Add a callback."""
        super().__setitem__(callback_id, _Entry(self._app_slug, callback_id, entry))

    def update(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - dict's own
        """Add several callbacks."""
        for callback_id, entry in dict(*args, **kwargs).items():
            self[callback_id] = entry

    def setdefault(self, callback_id: str, default: Any = None) -> Any:  # noqa: ANN401 - dict's own
        """Add a callback where there is none of that id."""
        if callback_id not in self:
            self[callback_id] = default
        return self[callback_id]


class _Entry(dict[str, Any]):
    """What Dash knows of one callback; the function comes in after the rest."""

    def __init__(self, app_slug: str, callback_id: str, entry: dict[str, Any]) -> None:
        super().__init__(entry)
        self._names = (app_slug, callback_id)
        if _CALLBACK in entry:
            self[_CALLBACK] = entry[_CALLBACK]

    def __setitem__(self, key: str, value: Any) -> None:  # noqa: ANN401 - dict's own
        if key == _CALLBACK:
            with _guard:
                value = _measured(value, *self._names)
        super().__setitem__(key, value)


def _measured(function: Callable[P, R], app_slug: str, callback_id: str) -> Callable[P, R]:
    """Wrap a callback and keep it what it is: a coroutine function or a plain one."""
    label = bounded_label(callback_id, function)
    measurement = functools.partial(_Measurement, app_slug, label)

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _is_poll(kwargs):
            return function(*args, **kwargs)
        with measurement():
            return function(*args, **kwargs)

    @functools.wraps(function)
    async def run_async(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401 - what it awaits
        if _is_poll(kwargs):
            return await cast("Any", function)(*args, **kwargs)
        with measurement():
            return await cast("Any", function)(*args, **kwargs)

    return cast("Callable[P, R]", run_async if inspect.iscoroutinefunction(function) else run)


def _is_poll(arguments: dict[str, Any]) -> bool:
    """Whether this run only asks how far a background callback is."""
    query = getattr(arguments.get("callback_context"), "args", None)
    return query is not None and "cacheKey" in query


class _Measurement:
    """One run of a callback."""

    def __init__(self, app_slug: str, label: str) -> None:
        self._names = (app_slug, label)

    def __enter__(self) -> None:
        self._record = self._begin()
        self._token = current.set(self._record) if self._record is not None else None

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
                self._record.outcome(_outcome(error))
            self._record.finish()
        leave(self._token)

    def _begin(self) -> Callback | None:
        with _guard:
            runtime = _state.active()
            outer = current.get()
            if runtime is not None:
                request = outer if isinstance(outer, Request) else None
                return runtime.callback(*self._names, request)
        return None


def _outcome(error: BaseException) -> OutcomeValue:
    if isinstance(error, PreventUpdate):
        return OUTCOME_PREVENT_UPDATE
    return OUTCOME_ERROR if isinstance(error, Exception) else OUTCOME_UNKNOWN


def _note_swallowed_errors() -> None:
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
    if isinstance(record, Callback) and not isinstance(error, PreventUpdate):
        with _guard:
            record.handled()


def bounded_label(callback_id: str, function: Callable[..., Any]) -> str:
    """A callback's label: its id, but short and the same on every machine.

    Ids may be hashes, end in one, or be a thousand characters long; eight digits of a hash keep
    what is shortened apart.
    """
    if re.fullmatch(r"[0-9a-f]{64}", callback_id):
        return f"{getattr(function, '__qualname__', '')[-_LONGEST:]}#{callback_id[:8]}"
    label = re.sub(r"@([0-9a-f]{8})[0-9a-f]{56}", r"@\1", callback_id)
    if len(label) <= _LONGEST:
        return label
    digest = hashlib.sha256(callback_id.encode()).hexdigest()[:8]
    first, *others = label.strip(".").split("...")
    return f"{first[:_LONGEST]}+{len(others)}#{digest}"


def _app_slug(app: dash.Dash) -> str:
    """The setting, else the last segment of the path prefix, else the name of the application."""
    runtime = _state.active()
    setting = runtime.setting(SETTING_APP_SLUG) if runtime is not None else None
    segments = str(app.config.requests_pathname_prefix or "").strip("/").split("/")
    candidates: Iterable[object] = (setting, segments[-1], app.config.name)
    return str(next(filter(None, candidates), "dash"))

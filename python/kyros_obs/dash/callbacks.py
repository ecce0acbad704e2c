"""Where callbacks come in.

`Dash.callback_map` is where a callback is looked up for each run, whatever backend runs it. It is
replaced by a mapping that wraps callbacks as they come in, early and late.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from kyros_obs._guard import Guard
from kyros_obs._native import CallbackName
from kyros_obs.dash.label import bounded_label, function_name
from kyros_obs.dash.run import Measured
from kyros_obs.dash.views import Views

P = ParamSpec("P")
R = TypeVar("R")

_CALLBACK = "callback"

_guard = Guard("dash")


class ObservedCallbacks(dict[str, Any]):
    """An application's callbacks by id, each of them measured."""

    def __init__(self, views: Views, callbacks: dict[str, Any]) -> None:
        """Take over the callbacks that are there."""
        super().__init__()
        self._views = views
        self.update(callbacks)

    def __setitem__(self, callback_id: str, entry: dict[str, Any]) -> None:
        """Add a callback."""
        super().__setitem__(callback_id, _Entry(self._views, callback_id, entry))

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

    def __init__(self, views: Views, callback_id: str, entry: dict[str, Any]) -> None:
        super().__init__(entry)
        self._views = views
        self._callback_id = callback_id
        if _CALLBACK in entry:
            self[_CALLBACK] = entry[_CALLBACK]

    def __setitem__(self, key: str, value: Any) -> None:  # noqa: ANN401 - dict's own
        if key == _CALLBACK:
            with _guard:
                value = _measured(value, self._measurement(value))
        super().__setitem__(key, value)

    def _measurement(self, function: Callable[..., Any]) -> Measured:
        label = bounded_label(
            self._callback_id, function, has_inputs=bool(self.get("inputs") or self.get("state"))
        )
        name = CallbackName(self._views.app_slug, label, self._callback_id, function_name(function))
        in_background = bool(self.get("background"))
        return Measured(
            name,
            self._views.of(self._callback_id),
            in_background=in_background,
            is_coroutine=inspect.iscoroutinefunction(function),
        )


def _measured(function: Callable[P, R], measured: Measured) -> Callable[P, R]:
    """Wrap a callback and keep it what it is: a coroutine function or a plain one."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        this = measured.begin(kwargs)
        if this is None:
            return function(*args, **kwargs)
        try:
            answer = function(*args, **kwargs)
        except BaseException as error:
            measured.raised(this, error, kwargs)
            raise
        measured.returned(this, answer, kwargs)
        return answer

    @functools.wraps(function)
    async def run_async(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401 - what it awaits
        this = measured.begin(kwargs)
        if this is None:
            return await cast("Any", function)(*args, **kwargs)
        try:
            answer = await cast("Any", function)(*args, **kwargs)
        except BaseException as error:
            measured.raised(this, error, kwargs)
            raise
        measured.returned(this, answer, kwargs)
        return answer

    return cast("Callable[P, R]", run_async if measured.is_coroutine else run)

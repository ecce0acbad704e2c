"""A Dash application: its name, its callbacks, its pages and its server are taken over here."""

import weakref
from collections.abc import Iterable
from typing import Any, NamedTuple, cast

import dash

from kyros_obs import _state, frameworks, logs
from kyros_obs._guard import Guard
from kyros_obs._native import Runtime
from kyros_obs._vocabulary import SETTING_APP_SLUG
from kyros_obs.dash import background, run
from kyros_obs.dash.callbacks import ObservedCallbacks
from kyros_obs.dash.views import Views
from kyros_obs.witness import Ask

_guard = Guard("dash")


def instrument(app: dash.Dash, *, app_slug: str | None = None, identity: Ask | None = None) -> None:
    """Observe an application and its server; doing it again changes nothing."""
    with _guard:
        if not isinstance(app.callback_map, ObservedCallbacks):
            views = Views(app, app_slug or _app_slug(app))
            app.callback_map = ObservedCallbacks(views, app.callback_map)
            views.observe_index()
            _observe_late_server(app, identity)
        run.note_swallowed_errors()
        background.observe_workers()
        logs.take_over()
    with _guard:
        if app.server is not None:
            frameworks.instrument(app.server, identity=identity)


def _observe_late_server(app: dash.Dash, identity: Ask | None) -> None:
    """Observe the server of an application that is made without one, too, when it gets it."""
    init_app = app.init_app

    def observed(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Dash's own
        init_app(*args, **kwargs)
        with _guard:
            if app.server is not None:
                frameworks.instrument(app.server, identity=identity)

    cast("Any", app).init_app = observed


class _Taken(NamedTuple):
    """The application that has the setting's name."""

    runtime: Runtime
    app: "weakref.ref[dash.Dash]"


_taken: _Taken | None = None


def _app_slug(app: dash.Dash) -> str:
    """The setting, else the last segment of the path prefix, else the name of the application.

    The setting names one application: another one of the process keeps a name of its own.
    """
    global _taken  # noqa: PLW0603 - one for a process, which has one setting
    runtime = _state.active()
    setting = runtime.setting(SETTING_APP_SLUG) if runtime is not None else None
    if runtime is not None and setting:
        if _taken is None or _taken.runtime is not runtime or _taken.app() is None:
            _taken = _Taken(runtime, weakref.ref(app))
        if _taken.app() is app:
            return setting
    segments = str(app.config.requests_pathname_prefix or "").strip("/").split("/")
    candidates: Iterable[object] = (segments[-1], app.config.name)
    return str(next(filter(None, candidates), "dash"))

"""Pages of a Dash application that somebody opens.

One with pages has a callback that shows one, in a document that was just loaded and in one that
goes on. One without has its document alone.
"""

from collections.abc import Callable
from typing import Any, cast

import dash
from dash import dash as _dash
from dash._pages import _path_to_page

from kyros_obs import _state
from kyros_obs._guard import Guard
from kyros_obs._native import Request
from kyros_obs._vocabulary import (
    ACTION_VIEW_DASHBOARD,
    LABEL_PAGE,
    OUTCOME_SUCCESS,
    SETTING_DASH_VIEWS,
)
from kyros_obs.context import current
from kyros_obs.exceptions import AuditError
from kyros_obs.trail import audit_of

_PATHNAME = f"{_dash._ID_LOCATION}.pathname"  # noqa: SLF001 - Dash has no other name for it
_ROUTER = f"..{_dash._ID_CONTENT}.children...{_dash._ID_STORE}.data.."  # noqa: SLF001 - as above

#: What a browser asks for that it is to show; what has no such header is taken to be one.
_SHOWN = frozenset({"document", "iframe", "frame", "embed", "object"})
_DESTINATION = "Sec-Fetch-Dest"
_PURPOSES = ("Sec-Purpose", "Purpose")
_PREFETCH = "prefetch"

_INDEX = "/"

_guard = Guard("dash", passing=AuditError)


class Views:
    """The views of one application."""

    def __init__(self, app: dash.Dash, app_slug: str) -> None:
        """Name the application."""
        self._app = app
        self.app_slug = app_slug

    def of(self, callback_id: str) -> Callable[[dict[str, Any]], None] | None:
        """What is told of a callback's runs; None where they show no page."""
        return self._routed if callback_id == _ROUTER else None

    def observe_index(self) -> None:
        """See the document of an application that has no pages: all backends make it so."""
        interpolate_index: Any = self._app.interpolate_index

        def observed(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - Dash's own
            index = interpolate_index(*args, **kwargs)
            with _guard:
                is_request = isinstance(current.get(), Request)
                if is_request and not self._app.use_pages and self._is_shown():
                    self._opened(_INDEX)
            return index

        cast("Any", self._app).interpolate_index = observed

    def _routed(self, arguments: dict[str, Any]) -> None:
        """A page was shown, where it is not the same one with another query string."""
        with _guard:
            context = arguments["callback_context"]
            changed = [one["prop_id"] for one in context.triggered_inputs]
            if not changed or _PATHNAME in changed:
                page = self._page(context.input_values.get(_PATHNAME))
                if page is not None:
                    self._opened(page)

    def _page(self, pathname: object) -> str | None:
        """The template of a page's path; None for one that is not found."""
        path = self._app.strip_relative_path(pathname) if isinstance(pathname, str) else None
        page, _ = _path_to_page(path or "")
        return str(page.get("path_template") or page["path"]) if page else None

    def _opened(self, page: str) -> None:
        runtime = _state.active()
        kept = runtime.setting(SETTING_DASH_VIEWS) if runtime is not None else "none"
        if runtime is None or kept == "none":
            return
        record = current.get()
        runtime.page_view(self.app_slug, page, record)
        if kept == "audit":
            meta: dict[str, object] = {LABEL_PAGE: page}
            audit_of(record, ACTION_VIEW_DASHBOARD, self.app_slug, OUTCOME_SUCCESS, meta)

    def _is_shown(self) -> bool:
        """Whether a browser shows what it asks for: it may fetch ahead, or look for an icon."""
        backend = getattr(self._app, "backend", None)
        headers = backend.request_adapter().headers if backend is not None else _flask_headers()
        destination = headers.get(_DESTINATION)
        purposes = " ".join(headers.get(name, "") for name in _PURPOSES)
        return (destination is None or destination in _SHOWN) and _PREFETCH not in purposes


def _flask_headers() -> Any:  # noqa: ANN401 - a mapping of Werkzeug's
    import flask  # noqa: PLC0415 - Dash has another server since version 4

    return flask.request.headers

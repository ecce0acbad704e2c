"""FastAPI and Starlette: puts the middleware outside of everything, the 500 handler included."""

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from kyros_obs._guard import Guard
from kyros_obs.asgi import AsgiApp, ObservabilityMiddleware

_guard = Guard("fastapi")


def instrument(app: Starlette) -> None:
    """Observe an application; doing it again changes nothing."""
    if isinstance(app.build_middleware_stack, _ObservedStack):
        return
    with _guard:
        observed = _ObservedStack(app, app.build_middleware_stack)
        if app.middleware_stack is not None:
            app.middleware_stack = observed.around(app.middleware_stack)
        cast("Any", app).build_middleware_stack = observed


class _ObservedStack:
    """Builds an application's middleware stack with ours around it, whenever that happens."""

    def __init__(self, app: Starlette, build: Callable[[], AsgiApp]) -> None:
        self._app = app
        self._build = build

    def __call__(self) -> AsgiApp:
        return self.around(self._build())

    def around(self, stack: AsgiApp) -> ObservabilityMiddleware:
        return ObservabilityMiddleware(stack, has_route=self._has_route)

    def _has_route(self, path: str) -> bool:
        return path in _literal_paths(self._app.routes)


def _literal_paths(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[str]:
    """The paths of all routes and mounts. A catch-all is no route to `/metrics`."""
    for route in _flat(routes):
        path = prefix + str(getattr(route, "path", None) or "")
        yield path
        original = getattr(route, "original_route", route)
        if isinstance(original, Mount):
            yield from _literal_paths(original.routes, path)


def _flat(routes: Iterable[BaseRoute]) -> Iterable[Any]:
    """Routes with the prefixes they were included with; older FastAPI has flat ones."""
    flatten = getattr(sys.modules.get("fastapi.routing"), "iter_route_contexts", list)
    return cast("Iterable[Any]", flatten(list(routes)))

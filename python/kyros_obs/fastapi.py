"""FastAPI and Starlette: puts the middleware outside of everything, the 500 handler included."""

import inspect
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, cast

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Host, Mount, Router

from kyros_obs._guard import Guard
from kyros_obs.asgi import MEASURED, AsgiApp, ObservabilityMiddleware, Receive, Scope, Send
from kyros_obs.witness import QUESTION, Ask, Question, Witness

_guard = Guard("fastapi")


def instrument(app: Starlette, *, identity: Ask | None = None) -> None:
    """Observe an application; doing it again changes nothing, but may say whom to ask."""
    if isinstance(app.build_middleware_stack, _ObservedStack):
        app.build_middleware_stack.witness.adopt(identity)
        return
    with _guard:
        observed = _ObservedStack(app, app.build_middleware_stack, Witness(identity))
        if app.middleware_stack is not None:
            app.middleware_stack = observed.around(app.middleware_stack)
        cast("Any", app).build_middleware_stack = observed


class _ObservedStack:
    """Builds an application's middleware stack with ours around it, whenever that happens."""

    def __init__(self, app: Starlette, build: Callable[[], AsgiApp], witness: Witness) -> None:
        self._app = app
        self._build = build
        self.witness = witness

    def __call__(self) -> AsgiApp:
        return self.around(self._build())

    def around(self, stack: AsgiApp) -> ObservabilityMiddleware:
        with _guard:
            _observe_router(self._app)
        return ObservabilityMiddleware(stack, has_route=self._has_route, identity=self.witness)

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


def _observe_router(app: object) -> None:
    """Observe the router of an application, or one that is mounted itself; once."""
    router = getattr(app, "router", app)
    if isinstance(router, Router) and not isinstance(router.middleware_stack, _ObservedRouting):
        observed = _ObservedRouting(router, router.middleware_stack)
        cast("Any", router).middleware_stack = observed


class _ObservedRouting:
    """What a router calls to route: tells a request's record which scope that was given.

    Middleware may hand on a copy of the scope, and what routing finds out is in that copy alone.
    """

    def __init__(self, router: Router, inner: AsgiApp) -> None:
        self._router = router
        self._inner = inner
        self._known = 0

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        with _guard:
            _tell(scope)
            self._observe_mounted()
        question: Question | None = scope.get(QUESTION)
        if question is None:
            return self._inner(scope, receive, send)
        return self._ask(question, scope, receive, send)

    async def _ask(self, question: Question, scope: Scope, receive: Receive, send: Send) -> None:
        await question.put_async(scope)
        await self._inner(scope, receive, send)

    def _observe_mounted(self) -> None:
        """Looks for mounted routers when routes have come in, which is hardly ever."""
        count = len(self._router.routes)
        if count != self._known:
            self._known = count
            for route in _flat(self._router.routes):
                original = getattr(route, "original_route", route)
                if isinstance(original, Mount | Host):
                    _observe_router(getattr(original, "_base_app", original.app))


def _tell(scope: Scope) -> None:
    request = scope.get(MEASURED)
    if request is None:
        return
    if _is_view(scope.get("endpoint")):
        scope[MEASURED] = None
    else:
        request.routed(scope)


def _is_view(endpoint: object) -> bool:
    """Whether a route was found before: its function calls an application with its own scope."""
    return inspect.isroutine(endpoint) or inspect.isclass(endpoint)


def _flat(routes: Iterable[BaseRoute]) -> Iterable[Any]:
    """Routes with the prefixes they were included with; older FastAPI has flat ones."""
    flatten = getattr(sys.modules.get("fastapi.routing"), "iter_route_contexts", list)
    return cast("Iterable[Any]", flatten(list(routes)))

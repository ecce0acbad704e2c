"""FastAPI and Starlette: puts the middleware outside of everything, the 500 handler included."""

import inspect
from collections.abc import Awaitable, Iterable, Iterator
from typing import Any, cast

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Host, Mount, Router

from kyros_obs import foreign
from kyros_obs._guard import Guard
from kyros_obs.asgi import MEASURED, AsgiApp, ObservabilityMiddleware, Receive, Scope, Send
from kyros_obs.witness import QUESTION, Ask, Question, Witness

#: Where an instrumented application has whom to ask, and where any has its stack.
_WITNESS = "_kyros_obs_witness"
_STACK = "middleware_stack"

_guard = Guard("fastapi")

#: How many layers of middleware around a mounted application are looked through.
_MOST_LAYERS = 16


def instrument(app: Starlette, *, identity: Ask | None = None) -> None:
    """Observe an application; doing it again changes nothing, but may say whom to ask."""
    witness: Witness | None = vars(app).get(_WITNESS)
    if witness is not None:
        witness.adopt(identity)
        return
    with _guard:
        vars(app)[_WITNESS] = Witness(identity)
        _keep_outermost(type(app))
        app.middleware_stack = app.middleware_stack


def _keep_outermost(kind: type) -> None:
    """See each stack that an application of a class gets, whoever builds it, and when."""
    own = inspect.getattr_static(kind, _STACK, None)
    if not isinstance(own, _OutermostStack):
        setattr(kind, _STACK, _OutermostStack() if own is None else _OutermostProperty(own))


class _OutermostStack:
    """An application's attribute for its middleware stack: what is put there comes inside of ours.

    Others take what builds the stack for Starlette's own, and look at its outermost layer; they
    find it as it was. To read the attribute costs what it always did, since this has no `__get__`.
    """

    def __set__(self, app: Starlette, stack: AsgiApp | None) -> None:
        witness = vars(app).get(_WITNESS)
        if witness is not None and stack is not None and not _is_ours(stack):
            stack = _around(app, stack, witness)
        self._put(app, stack)

    def __delete__(self, app: Starlette) -> None:
        if vars(app).pop(_STACK, self) is self:
            raise AttributeError(_STACK)

    def _put(self, app: Starlette, stack: AsgiApp | None) -> None:
        vars(app)[_STACK] = stack


class _OutermostProperty(_OutermostStack):
    """The same for a class that has a property for it."""

    def __init__(self, own: Any) -> None:  # noqa: ANN401 - the application's own
        self._own = own

    def __get__(self, app: Starlette | None, kind: type) -> Any:  # noqa: ANN401 - the application's own
        return self._own.__get__(app, kind)

    def __delete__(self, app: Starlette) -> None:
        self._own.__delete__(app)

    def _put(self, app: Starlette, stack: AsgiApp | None) -> None:
        self._own.__set__(app, stack)


def _is_ours(stack: AsgiApp) -> bool:
    return isinstance(stack, ObservabilityMiddleware)


def _around(app: Starlette, stack: AsgiApp, witness: Witness) -> AsgiApp:
    with _guard:
        _observe_router(app)
        foreign.look_beneath(stack)

    def has_route(path: str) -> bool:
        return path in _literal_paths(app.routes)

    return ObservabilityMiddleware(stack, has_route=has_route, identity=witness)


def _literal_paths(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[str]:
    """The paths of all routes and mounts. A catch-all is no route to `/metrics`."""
    for route in _flat(routes):
        path = prefix + str(getattr(route, "path", None) or "")
        yield path
        if isinstance(route, Mount):
            yield from _literal_paths(route.routes, path)


def _observe_router(app: object) -> None:
    """Observe the router of an application, or one that is mounted itself; once.

    Middleware around it is looked through where it keeps what it calls as `app`, as is the custom.
    """
    for _ in range(_MOST_LAYERS):
        router = getattr(app, "router", app)
        if isinstance(router, Router):
            if not isinstance(router.middleware_stack, _ObservedRouting):
                observed = _ObservedRouting(router, router.middleware_stack)
                cast("Any", router).middleware_stack = observed
            return
        app = getattr(app, "app", None)


class _ObservedRouting:
    """What a router calls to route: tells a request's record which scope that was given.

    Middleware may hand on a copy of the scope, and what routing finds out is in that copy alone.
    """

    def __init__(self, router: Router, inner: AsgiApp) -> None:
        self._router = router
        self._inner = inner
        self._known = 0
        #: The mounts among the routes; the native side looks for a request's here.
        self.mounts: list[Mount | Host] = []

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        try:
            request = scope.get(MEASURED)
            if request is not None:
                endpoint = scope.get("endpoint")
                if endpoint is None or not _is_view(endpoint):
                    request.routed(scope)
                    if foreign.looks:
                        foreign.adopt_inner(scope, request)
                else:
                    scope[MEASURED] = None
            if len(self._router.routes) != self._known:
                self._observe_mounted()
        except BaseException as error:
            if not _guard.took(error):
                raise
        question: Question | None = scope.get(QUESTION)
        if question is None:
            return self._inner(scope, receive, send)
        return self._ask(question, scope, receive, send)

    async def _ask(self, question: Question, scope: Scope, receive: Receive, send: Send) -> None:
        await question.put_async(scope)
        await self._inner(scope, receive, send)

    def _observe_mounted(self) -> None:
        """Looks for mounted routers when routes have come in, which is hardly ever."""
        self._known = len(self._router.routes)
        self.mounts = [it for it in _flat(self._router.routes) if isinstance(it, Mount | Host)]
        for mount in self.mounts:
            _observe_router(getattr(mount, "_base_app", mount.app))


def _is_view(endpoint: object) -> bool:
    """Whether a route was found before: its function calls an application with its own scope."""
    return inspect.isroutine(endpoint) or inspect.isclass(endpoint)


def _flat(routes: Iterable[BaseRoute]) -> Iterator[Any]:
    """Routes with the prefixes they were included with; FastAPI before 0.137 has flat ones.

    What its `iter_route_contexts` makes of them lacks the paths of mounts in some versions.
    """
    for route in list(routes):
        contexts = getattr(route, "effective_route_contexts", None)
        if contexts is None:
            yield route
        else:
            yield from (context.starlette_route or context for context in contexts())

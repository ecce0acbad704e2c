"""Quart, alone or under Dash: puts the middleware outside of everything."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

import quart

from kyros_obs import foreign, logs
from kyros_obs._guard import Guard
from kyros_obs._native import Request
from kyros_obs._vocabulary import LABEL_TENANT_ID
from kyros_obs.asgi import AsgiApp, ObservabilityMiddleware, Receive, Scope, Send
from kyros_obs.context import Record, current, tellers
from kyros_obs.rule import template
from kyros_obs.witness import Ask, Witness, who

_USER = "user"
_NAMES = (LABEL_TENANT_ID, _USER)
#: Where a request has what `quart.g` had before it, which is nobody's, as for Flask.
_BEFORE = "kyros_obs.g"

_guard = Guard("quart")


def instrument(server: quart.Quart, *, identity: Ask | None = None) -> None:
    """Observe an application; doing it again changes nothing, but may say whom to ask."""
    if isinstance(server.asgi_app, _Observed):
        server.asgi_app.witness.adopt(identity)
        return
    with _guard:
        foreign.look_beneath(server.asgi_app)
        cast("Any", server).asgi_app = _Observed(server, Witness(identity))
        if _tell_tenant not in tellers:
            tellers.append(_tell_tenant)
        for name, of in (("request", quart.request), ("websocket", quart.websocket)):
            method = f"dispatch_{name}"
            setattr(server, method, _learning(getattr(server, method), of))
        logs.take_over()


class _Observed(ObservabilityMiddleware):
    """The middleware around one application."""

    def __init__(self, server: quart.Quart, witness: Witness) -> None:
        self._server = server
        self.witness = witness
        inner = cast("AsgiApp", server.asgi_app)
        super().__init__(inner, has_route=self._has_own, identity=witness)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:  # noqa: ANN401 - as AsgiApp
        with _guard:
            if quart.has_app_context():
                scope[_BEFORE] = {name: quart.g.get(name) for name in _NAMES}
        return await super().__call__(scope, receive, send)

    def _has_own(self, path: str) -> bool:
        return any(rule.rule == path for rule in self._server.url_map.iter_rules())


def _learning(
    dispatch: Callable[..., Awaitable[object]],
    connection: Any,  # noqa: ANN401 - a proxy of Quart's
) -> Callable[..., Awaitable[object]]:
    """Read route and identity when all guards have let a request in, and when it was served."""

    async def observed(*args: Any) -> object:  # noqa: ANN401 - Quart's own
        _learn(connection)
        try:
            return await dispatch(*args)
        finally:
            _learn(connection)

    return observed


def _learn(connection: Any) -> None:  # noqa: ANN401 - a proxy of Quart's
    with _guard:
        record = current.get()
        if record is None:
            return
        rule = connection.url_rule
        if isinstance(record, Request):
            foreign.adopt_inner(connection.scope, record)
        if isinstance(record, Request) and rule is not None:
            record.route_within(connection.root_path, template(rule.rule))
        found = {name: _found(name, connection.scope) for name in _NAMES}
        if any(one is not None for one in found.values()):
            record.identify(who(found))


def _tell_tenant(record: Record) -> None:
    """Give a record the tenant that `quart.g` has by now, as for Flask."""
    scope = _scope()
    if scope is None and (isinstance(record, Request) or not quart.has_app_context()):
        return
    tenant_id = _found(LABEL_TENANT_ID, scope or {})
    if tenant_id is not None:
        record.identify((str(tenant_id), None, None, None))


def _scope() -> Scope | None:
    """That of the request or WebSocket that is served."""
    if quart.has_request_context():
        return cast("Scope", quart.request.scope)
    return cast("Scope", quart.websocket.scope) if quart.has_websocket_context() else None


def _found(name: str, scope: Scope) -> object:
    """What `quart.g` has been given in this request."""
    found = quart.g.get(name)
    return None if found is scope.get(_BEFORE, {}).get(name) else found

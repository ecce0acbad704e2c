"""Quart, alone or under Dash: puts the middleware outside of everything."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

import quart

from kyros_obs import foreign, logs
from kyros_obs._guard import Guard
from kyros_obs._native import Request
from kyros_obs._vocabulary import LABEL_TENANT_ID
from kyros_obs.asgi import AsgiApp, ObservabilityMiddleware
from kyros_obs.context import Record, current, tellers
from kyros_obs.rule import template
from kyros_obs.witness import Ask, Witness, who

_USER = "user"

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
        tenant_id, user = quart.g.get(LABEL_TENANT_ID), quart.g.get(_USER)
        if tenant_id is not None or user is not None:
            record.identify(who({LABEL_TENANT_ID: tenant_id, _USER: user}))


def _tell_tenant(record: Record) -> None:
    """Give a record the tenant that `quart.g` has by now, as for Flask."""
    tenant_id = quart.g.get(LABEL_TENANT_ID) if quart.has_app_context() else None
    if tenant_id is not None:
        record.identify((str(tenant_id), None, None, None))

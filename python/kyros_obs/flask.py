"""Flask, alone or under Dash: puts the middleware in front of all `before_request` guards."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

import flask
from flask.logging import default_handler

from kyros_obs import foreign, identity, logs
from kyros_obs._guard import Guard
from kyros_obs._native import Request
from kyros_obs.context import current, tellers
from kyros_obs.rule import mounted_at, template
from kyros_obs.witness import Ask, Question, Witness
from kyros_obs.wsgi import Environ, ObservabilityMiddleware, StartResponse, WsgiApp

_guard = Guard("flask")


def instrument(server: flask.Flask, *, identity: Ask | None = None) -> None:
    """Observe an application; doing it again changes nothing, but may say whom to ask."""
    if isinstance(server.wsgi_app, _Observed):
        server.wsgi_app.witness.adopt(identity)
        return
    with _guard:
        witness = Witness(identity)
        cast("Any", server).wsgi_app = _Observed(server, witness)
        _learn_from(server, witness)
        server.logger.removeHandler(default_handler)
        logs.take_over()


class _Observed(ObservabilityMiddleware):
    """The middleware around the `wsgi_app` of one server."""

    def __init__(self, server: flask.Flask, witness: Witness) -> None:
        self._server = server
        super().__init__(
            cast("WsgiApp", server.wsgi_app), has_route=self._has_own, identity=witness
        )

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with _guard:
            identity.note_before(environ)
        return super().__call__(environ, start_response)

    def _has_own(self, path: str) -> bool:
        return any(rule.rule == path for rule in self._server.url_map.iter_rules())

    def put(self, question: Question | None, environ: Environ) -> None:
        """Asked is about Flask's request, once that is there: `kyros_obs.identity`."""

    def note_answer(self, environ: Environ, request: Request) -> None:
        if foreign.adopt_inner(environ, request) and flask.has_request_context():
            identity.learn(self.witness)


def _learn_from(server: flask.Flask, witness: Witness) -> None:
    """Read route and identity when all guards have let a request in, and once more when it ends."""
    dispatch = cast("Callable[..., Any]", server.dispatch_request)

    def dispatch_request(*args: Any) -> Any:  # noqa: ANN401 - Flask's own
        _learn(witness)
        return dispatch(*args)

    cast("Any", server).dispatch_request = dispatch_request
    flask.request_tearing_down.connect(partial(_learn, witness), server, weak=False)
    if identity.tell_tenant not in tellers:
        tellers.append(identity.tell_tenant)


def _learn(witness: Witness, _server: flask.Flask | None = None, **_: object) -> None:
    record = current.get()
    rule = flask.request.url_rule
    with _guard:
        if isinstance(record, Request):
            foreign.adopt_inner(flask.request.environ, record)
        if isinstance(record, Request) and rule is not None:
            record.route_within(mounted_at(flask.request.environ), template(rule.rule))
    identity.learn(witness)

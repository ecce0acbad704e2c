"""What happens on a WSGI request, from top to bottom: Flask, alone or under Dash."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any, TypeAlias, cast

import flask
from flask.logging import default_handler

from kyros_obs import _state, foreign, identity, logs
from kyros_obs._guard import Guard
from kyros_obs._native import Request
from kyros_obs.context import current, leave, tellers
from kyros_obs.ending import note_ending
from kyros_obs.endpoints import FAILED, Scrape, answer, is_ours
from kyros_obs.reading import CountedInput
from kyros_obs.rule import mounted_at, template
from kyros_obs.traceheader import trace_header, with_header
from kyros_obs.witness import Ask, Witness

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Callable[[bytes], object]]
WsgiApp: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]

_INPUT = "wsgi.input"

_guard = Guard("wsgi")


def instrument(server: flask.Flask, *, identity: Ask | None = None) -> None:
    """Observe a Flask application; doing it again changes nothing, but may say whom to ask."""
    if isinstance(server.wsgi_app, ObservabilityWsgi):
        server.wsgi_app.witness.adopt(identity)
        return
    with _guard:
        inner, witness = cast("WsgiApp", server.wsgi_app), Witness(identity)
        cast("Any", server).wsgi_app = ObservabilityWsgi(inner, server, witness)
        _learn_from_flask(server, witness)
        server.logger.removeHandler(default_handler)
        logs.take_over()


class ObservabilityWsgi:
    """Measures each request of a Flask application, in front of all its `before_request` guards."""

    def __init__(self, app: WsgiApp, server: flask.Flask, witness: Witness) -> None:
        """Wrap the `wsgi_app` of a server."""
        self._app = app
        self._server = server
        self.witness = witness

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        with _guard:
            identity.note_before(environ)
        # Mounted in an application that is observed itself, the request has its record already.
        request = None if isinstance(current.get(), Request) else _begin(environ)
        if request is None:
            return self._app(environ, start_response)
        token = current.set(request)
        try:
            return self._measured(request, environ, start_response)
        except BaseException as error:
            _end(request, error)
            raise
        finally:
            leave(token)

    def _measured(
        self, request: Request, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        observed = self._observe_start(request, environ, start_response)
        with _guard:
            environ[_INPUT] = CountedInput(environ[_INPUT], request)
        path = self._own_path(environ)
        if path is None:
            self.witness.begin(request, environ)
            return _Body(self._app(environ, observed), request)
        return _Body(_answer(path, environ, request, observed), request)

    def _observe_start(
        self, request: Request, environ: Environ, start_response: StartResponse
    ) -> StartResponse:
        """Note the status; count what goes through the old `write` callable, too."""

        def observed(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:  # noqa: ANN401 - WSGI's own
            with _guard:
                if foreign.adopt_inner(environ, request) and flask.has_request_context():
                    identity.learn(self.witness)
            header = trace_header(request)
            if header is not None:
                headers = with_header(headers, *header)
            write = start_response(status, headers, *exc_info)
            with _guard:
                request.status(int(status[:3]))
            return lambda data: _write(request, write, data)

        return observed

    def _own_path(self, environ: Environ) -> str | None:
        """The path, where it is for us to answer."""
        with _guard:
            path: str = environ.get("PATH_INFO", "")
            runtime = _state.active()
            if runtime is not None and is_ours(runtime, path, environ["REQUEST_METHOD"]):
                rules = self._server.url_map.iter_rules()
                return None if any(rule.rule == path for rule in rules) else path
        return None


class _Body:
    """Counts what the server takes; the request ends with its last byte, or when it is closed."""

    def __init__(self, chunks: Iterable[bytes], request: Request) -> None:
        self._chunks = chunks
        self._iterator: Iterator[bytes] | None = None
        self._request = request
        self._handed_out = 0

    def __iter__(self) -> "_Body":
        return self

    def __next__(self) -> bytes:
        """The next chunk. That it was sent is known when the server asks for the one after."""
        self._count()
        token = current.set(self._request)
        try:
            chunk = self._next()
        except StopIteration:
            with _guard:
                self._request.complete()
            _end(self._request, None)
            raise
        except BaseException as error:
            _end(self._request, error)
            raise
        finally:
            leave(token)
        self._handed_out = len(chunk)
        return chunk

    def _next(self) -> bytes:
        if self._iterator is None:
            self._iterator = iter(self._chunks)
        return next(self._iterator)

    def _count(self) -> None:
        count, self._handed_out = self._handed_out, 0
        if count:
            with _guard:
                self._request.sent(count)

    def close(self) -> None:
        """Close what the application returned, as a server does in the end.

        One that does so before it has taken everything has lost its client.
        """
        token = current.set(self._request)
        try:
            close = getattr(self._chunks, "close", None)
            if close is not None:
                close()
        finally:
            leave(token)
            with _guard:
                self._request.disconnected()
            _end(self._request, None)


def _begin(environ: Environ) -> Request | None:
    with _guard:
        runtime = _state.active()
        if runtime is not None:
            request = runtime.http(
                environ["REQUEST_METHOD"],
                environ.get("HTTP_TRACEPARENT"),
                environ.get("HTTP_TRACESTATE"),
                environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""),
            )
            foreign.adopt(environ, request)
            return request
    return None


def _end(request: Request, error: BaseException | None) -> None:
    with _guard:
        if error is not None:
            # A server sends the status with the first byte, and one of its own if that fails.
            request.unsent()
            note_ending(error, request, __name__)
        request.finish()


def _write(request: Request, write: Callable[[bytes], object], data: bytes) -> None:
    write(data)
    with _guard:
        request.sent(len(data))


def _answer(
    path: str, environ: Environ, request: Request, start_response: StartResponse
) -> list[bytes]:
    own = FAILED
    with _guard:
        request.route(path)
        own = answer(_state.runtime(), path, _scrape(environ))
    start_response(f"{own.status} {HTTPStatus(own.status).phrase}", own.headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [own.body]


def _scrape(environ: Environ) -> Scrape:
    variables = (name for name in environ if name.startswith("HTTP_"))
    headers = {name[5:].replace("_", "-").lower(): environ[name] for name in variables}
    return Scrape.of(environ.get("REMOTE_ADDR"), headers)


def _learn_from_flask(server: flask.Flask, witness: Witness) -> None:
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

"""What happens on a WSGI request, from top to bottom."""

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, TypeAlias

from kyros_obs import _state, foreign
from kyros_obs._guard import Guard
from kyros_obs._native import Request
from kyros_obs.context import current, leave
from kyros_obs.ending import note_ending
from kyros_obs.endpoints import FAILED, Scrape, answer, is_ours
from kyros_obs.reading import CountedInput
from kyros_obs.traceheader import trace_header, with_header
from kyros_obs.witness import Ask, Question, Witness

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Callable[[bytes], object]]
WsgiApp: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]

_INPUT = "wsgi.input"

_guard = Guard("wsgi")


class ObservabilityMiddleware:
    """Measures each request of a WSGI application; has to be the outermost layer.

    `instrument` puts it around Flask. Around another application you do:

        application = ObservabilityMiddleware(application, route=lambda environ: "/reports/{id}")
    """

    def __init__(
        self,
        app: WsgiApp,
        *,
        route: Callable[[Environ], str | None] | None = None,
        has_route: Callable[[str], bool] | None = None,
        identity: Witness | Ask | None = None,
    ) -> None:
        """Wrap an application.

        Args:
            app: The application inside.
            route: Tells the template of a request's route once that was answered, or None. Without
                it, requests have the label `_unmatched`: a path is none.
            has_route: Tells whether the application has a route of its own for exactly that path.
            identity: Asked whose a request is, as in `kyros_obs.instrument`.
        """
        self._app = app
        self._route = route
        self._has_route = has_route
        self.witness = identity if isinstance(identity, Witness) else Witness(identity)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
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
            question = self.witness.begin(request, environ)
            self.put(question, environ)
            try:
                return _Body(self._app(environ, observed), request)
            finally:
                self.put(question, environ)
                self._name_route(environ, request)
        return _Body(_answer(path, environ, request, observed), request)

    def _observe_start(
        self, request: Request, environ: Environ, start_response: StartResponse
    ) -> StartResponse:
        """Note the status; count what goes through the old `write` callable, too."""

        def observed(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:  # noqa: ANN401 - WSGI's own
            with _guard:
                self.note_answer(environ, request)
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
                shadows = self._has_route is not None and self._has_route(path)
                return None if shadows else path
        return None

    def note_answer(self, environ: Environ, request: Request) -> None:
        """See what is known by now, as an answer begins."""
        foreign.adopt_inner(environ, request)

    def put(self, question: Question | None, environ: Environ) -> None:
        """Ask whose the request is, before it is served, and after that where nobody knew."""
        if question is not None:
            question.put(environ)

    def _name_route(self, environ: Environ, request: Request) -> None:
        with _guard:
            template = self._route(environ) if self._route is not None else None
            if template is not None:
                request.route(template)


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

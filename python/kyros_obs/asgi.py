"""What happens on an ASGI request, from top to bottom."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import Token
from functools import partial
from typing import Any, TypeAlias

from kyros_obs import _state, foreign, logs
from kyros_obs._guard import Guard
from kyros_obs._native import Request
from kyros_obs._vocabulary import SETTING_TRACE_HEADER
from kyros_obs.context import Record, current, leave
from kyros_obs.ending import note_ending
from kyros_obs.endpoints import FAILED, Answer, Scrape, answer, folded, is_ours
from kyros_obs.traceheader import TracedSend
from kyros_obs.witness import QUESTION, Ask, Question, Witness, verifier

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
#: Returns None. What returns something else is wrong, which is for its server to say.
AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[Any]]

#: The key of a measured request's record in its scope. An observed application inside of another
#: is silent for it, and routers find it there, in copies of the scope, too.
MEASURED = "kyros_obs"

#: The types of scope that are measured.
_MEASURABLE = frozenset({"http", "websocket"})

_guard = Guard("asgi")


class ObservabilityMiddleware:
    """Measures each request and WebSocket of an ASGI application; has to be the outermost layer.

    `instrument` puts it around FastAPI and Starlette. Around another application you do:

        application = ObservabilityMiddleware(application, route=lambda scope: "/reports/{id}")

    Other scope types pass through untouched.
    """

    def __init__(
        self,
        app: AsgiApp,
        *,
        route: Callable[[Scope], str | None] | None = None,
        has_route: Callable[[str], bool] | None = None,
        identity: Witness | Ask | None = None,
    ) -> None:
        """Wrap an application.

        Args:
            app: The application inside.
            route: Tells the template of a request's route once that was served, or None. Those of
                Starlette and FastAPI are known without it; other requests have the label
                `_unmatched`, for a path is none.
            has_route: Tells whether it has a route of its own for exactly that path.
            identity: Asked whose a request is, as in `kyros_obs.instrument`.
        """
        self.app = app
        self._route = route
        self._witness = identity if isinstance(identity, Witness) else Witness(identity)
        self._has_route = has_route
        self._known: _state.Active | None = None
        self._header: str | None = None
        self._verifies = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:  # noqa: ANN401 - as AsgiApp
        """Serve one connection. What each request goes through is in few functions: calls cost."""
        active = _state.latest
        if active is not self._known:
            self._get_to_know(active, scope)
        request = self._begin(active, scope, send) if scope["type"] in _MEASURABLE else None
        if request is None:
            return await self.app(scope, receive, send)
        token = current.set(request)
        try:
            path = request.probe
            if path is not None and self._is_to_answer(path, scope):
                return await _answer(path, scope, request)
            receive = partial(_receive, receive, request)
            send = partial(_send, request) if request.may_refuse else request
            if self._verifies or self._witness.ask is not None:
                question = self._witness.begin(request, scope)
                if question is not None:
                    return await _questioned(self.app, question, scope, receive, send)
            return await self.app(scope, receive, send)
        except BaseException as error:
            with _guard:
                note_ending(error, request, __name__)
            raise
        finally:
            self._finish(request, scope, token)

    def _get_to_know(self, active: _state.Active | None, scope: Scope) -> None:
        """Look at a runtime once; take over what the server has set up after us: its loggers.

        Hypercorn sets them up between the lifespan and the first request.
        """
        header, verifies = None, False
        with _guard:
            logs.take_over()
        with _guard:
            if active is not None:
                header = active.settings.get(SETTING_TRACE_HEADER)
                verifies = verifier() is not None
        # Known last: a request of another thread may come meanwhile.
        self._header, self._verifies = header, verifies
        self._known = active if scope["type"] in _MEASURABLE else None

    def _begin(self, active: _state.Active | None, scope: Scope, send: Send) -> Request | None:
        """The request's record, which is also its `send`; None for one that is measured already."""
        try:
            if active is None or MEASURED in scope:
                return None
            traced = TracedSend(self._header, send) if self._header else None
            request = active.runtime.asgi(scope, traced or send)
            foreign.adopt(scope, request)
            if traced is not None:
                traced.name(request)
            scope[MEASURED] = request
        except BaseException as error:
            if not _guard.took(error):
                raise
            return None
        return request

    def _finish(self, request: Request, scope: Scope, token: Token[Record | None]) -> None:
        try:
            if self._route is not None:
                self._name_route(scope, request)
            request.finish()
            # A reference to the server in its own scope would wait for a collection.
            scope.pop(MEASURED, None)
        except BaseException as error:
            if not _guard.took(error):
                raise
        finally:
            leave(token)

    def _name_route(self, scope: Scope, request: Request) -> None:
        with _guard:
            template = self._route(scope) if self._route is not None else None
            if template is not None:
                request.route(template)

    def _is_to_answer(self, path: str, scope: Scope) -> bool:
        """Whether a path that the SDK has is for it to answer."""
        with _guard:
            runtime = _state.active()
            if runtime is not None and is_ours(runtime, path, scope["method"]):
                return self._has_route is None or not self._has_route(path)
        return False


async def _questioned(
    app: AsgiApp, question: Question, scope: Scope, receive: Receive, send: Send
) -> object:
    """Serve one whose caller somebody is asked for."""
    scope[QUESTION] = question
    try:
        returned = await app(scope, receive, send)
    except Exception:
        await question.put_at_the_end(scope)
        raise
    else:
        await question.put_at_the_end(scope)
        return returned
    finally:
        question.forget()
        with _guard:
            scope.pop(QUESTION, None)


async def _receive(receive: Receive, request: Request) -> Message:
    """Receive a message, and note it. A coroutine of Python's own is cancelled like any other."""
    message = await receive()
    with _guard:
        request.received(message)
    return message


async def _send(request: Request, message: Message) -> None:
    """Send a message by a server that may refuse to."""
    try:
        await request(message)
    except OSError:
        with _guard:
            request.refused(message)
        raise


async def _answer(path: str, scope: Scope, request: Request) -> None:
    """Make the answer off the event loop, and send it."""
    own = FAILED
    with _guard:
        request.route(path)
        own = await _in_thread(partial(answer, _state.runtime(), path, _scrape(scope)))
    await _send_own(own, scope, request)


async def _in_thread(make: Callable[[], Answer]) -> Answer:
    """Make an answer off the event loop, which is asyncio's or, under hypercorn, may be trio's."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        from trio import to_thread  # noqa: PLC0415 - there because it runs

        return await to_thread.run_sync(make)
    return await asyncio.to_thread(make)


async def _send_own(own: Answer, scope: Scope, send: Send) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in own.headers]
    await send({"type": "http.response.start", "status": own.status, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else own.body
    await send({"type": "http.response.body", "body": body})


def _scrape(scope: Scope) -> Scrape:
    fields = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    client = scope.get("client")
    return Scrape.of(client[0] if client else None, folded(fields))

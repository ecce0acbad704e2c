"""Lifespan, WebSockets and scopes that nobody knows go on as they do bare."""

import asyncio
import collections
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from uvicorn.lifespan.on import LifespanOn

from kyros_obs.testing import Captured
from tests.semantics import (
    ASYNCIO,
    LAST,
    LOOPS,
    START,
    Asgi,
    Side,
    described,
    ended,
    observed,
    same,
)


def living(how: str, log: list[object]) -> Starlette:
    """An application that starts up and shuts down so."""

    @asynccontextmanager
    async def lifespan(_app: Any) -> Any:
        log.append("starting")
        if how == "fails to start":
            raise RuntimeError("can't start")
        yield {"of": how}
        log.append("stopping")
        if how == "fails to stop":
            raise RuntimeError("can't stop")

    async def root(request: Request) -> JSONResponse:
        return JSONResponse({"state": request.state.of})

    return Starlette(routes=[Route("/", root)], lifespan=lifespan)


LIVES = ["is fine", "fails to start", "fails to stop"]


@pytest.mark.parametrize("how", LIVES)
@pytest.mark.parametrize("loop", LOOPS)
def test_lifespan(seen: Captured, loop: str, how: str) -> None:
    """Messages, errors and the state, which requests have."""

    async def case(side: Side) -> object:
        log: list[object] = []
        app = side.wrap(living(how, log))
        state: dict[str, Any] = {}
        messages = [{"type": f"lifespan.{step}"} for step in ("startup", "shutdown")]
        server = side.server(*messages, type="lifespan", state=state)
        outcome = await ended(app(server.scope, server.receive, server.send))
        request = side.server(state=dict(state))
        await app(request.scope, request.receive, request.send)
        return outcome[:3], server.sent_but_for_traces(), log, state, request.sent

    same(seen, loop, case if how != "fails to start" else without_request(case_of=how))


def without_request(case_of: str) -> Any:
    """The same where no request comes to be served."""

    async def case(side: Side) -> object:
        log: list[object] = []
        server = side.server({"type": "lifespan.startup"}, type="lifespan", state={})
        outcome = await ended(side.call(living(case_of, log), server))
        request = side.server()
        await ended(side.call(PlainTextResponse("none"), request))
        return outcome[:3], server.sent_but_for_traces(), log

    return case


async def of_requests_only(scope: Any, receive: Any, send: Any) -> None:
    """An application that knows no lifespan."""
    assert scope["type"] == "http", scope["type"]
    await send(START)
    await send(LAST)


@pytest.mark.parametrize("mode", ["on", "auto"])
@pytest.mark.parametrize("app", [*LIVES, "none"])
@pytest.mark.parametrize("loop", ASYNCIO)
def test_lifespan_of_uvicorn(seen: Captured, loop: str, app: str, mode: Any) -> None:
    """What it finds out: whether to go on, without lifespan if there is none, and the state."""

    async def case(side: Side) -> object:
        log: list[object] = []
        made = side.wrap(of_requests_only if app == "none" else living(app, log))
        life = LifespanOn(uvicorn.Config(made, lifespan=mode, log_config=None))
        await life.startup()
        started = life.should_exit, life.startup_failed, life.error_occurred, dict(life.state)
        if not life.should_exit:
            await life.shutdown()
        return started, life.should_exit, life.shutdown_failed, log

    same(seen, loop, case, lines=0)


def speaking(how: str) -> Starlette:
    """An application with a WebSocket that goes so."""

    async def socket(websocket: WebSocket) -> None:
        if how == "denied":
            await websocket.send_denial_response(JSONResponse({"denied": True}, 401))
            return
        if how == "refused":
            await websocket.close(4003, "no")
            return
        await websocket.accept("second", [(b"x-of", b"the application")])
        if how == "raises":
            raise RuntimeError("broken")
        async for text in websocket.iter_text():
            await websocket.send_text(text.upper())
            await websocket.send_json({"length": len(text)})
            await websocket.send_bytes(text.encode())
        if how == "closes":
            await websocket.close(4001, "done")
        if how == "says more":
            await websocket.send_text("to nobody")

    return Starlette(routes=[WebSocketRoute("/", socket)])


SPEECHES = ["echoes", "denied", "refused", "raises", "closes", "says more"]


@pytest.mark.parametrize("path", ["/", "/nowhere"])
@pytest.mark.parametrize("how", SPEECHES)
@pytest.mark.parametrize("loop", LOOPS)
def test_websocket(seen: Captured, loop: str, how: str, path: str) -> None:
    """Accepted, refused, denied, closed by either side, with the server's own errors."""
    said = [{"type": "websocket.receive", "text": text} for text in ("one", "zwölf")]
    messages = [
        {"type": "websocket.connect"},
        *said,
        {"type": "websocket.disconnect", "code": 4000},
    ]

    async def case(side: Side) -> object:
        server = side.server(
            *messages,
            type="websocket",
            path=path,
            subprotocols=["first", "second"],
            extensions={"websocket.http.response": {}},
        )
        outcome = await ended(side.call(speaking(how), server))
        return outcome[:3], server.sent

    same(seen, loop, case, lines=0)


@pytest.mark.parametrize("loop", ASYNCIO)
def test_websocket_cancelled(seen: Captured, loop: str) -> None:
    """While it waits for its client."""

    async def case(side: Side) -> object:
        server = side.server({"type": "websocket.connect"}, type="websocket", subprotocols=[])
        task = asyncio.ensure_future(side.call(speaking("echoes"), server))
        await server.reached.wait()
        task.cancel("the server goes away")
        return (await ended(task))[:3], server.log, server.sent

    same(seen, loop, case, lines=0)


def scopes() -> dict[str, Any]:
    """What a scope may be beside a dictionary with a known type: how it is changed, and to what."""

    class Mapping(collections.UserDict[str, Any]):
        """A mapping that is no dictionary."""

    def without(*keys: str) -> Any:
        return lambda scope: {key: value for key, value in scope.items() if key not in keys}

    return {
        "unknown type": lambda scope: {**scope, "type": "telnet"},
        "type of another kind": lambda scope: {**scope, "type": None},
        "no path": without("path", "raw_path"),
        "no headers": without("headers"),
        "no asgi": without("asgi"),
        "no method": without("method"),
        "method of another kind": lambda scope: {**scope, "method": 7},
        "headers of another kind": lambda scope: {**scope, "headers": iter([("a", 1), None])},
        "mapping": Mapping,
    }


@pytest.mark.parametrize("change", scopes())
@pytest.mark.parametrize("app", ["raw", "starlette"])
@pytest.mark.parametrize("loop", LOOPS)
def test_scope_that_is_strange(seen: Captured, loop: str, app: str, change: str) -> None:
    """What is wrong with it is for the application to find. Ours may count that it failed."""

    async def raw(scope: Any, receive: Any, send: Any) -> str:
        keys.append(sorted(set(scope) - {"kyros_obs", "kyros_obs.question", "fastapi.telemetry"}))
        await send(START)
        await send(LAST)
        return str(scope["type"])

    keys: list[object] = []

    async def case(side: Side) -> object:
        server = side.server()
        server.scope = scopes()[change](server.scope)
        made: Asgi = raw if app == "raw" else living("is fine", [])
        try:
            outcome: Any = await side.call(made, server)
        except Exception as error:  # noqa: BLE001 - that is what is told
            outcome = described(error)[:3]
        return "ended", outcome, keys[-1:], server.sent

    same(seen, loop, case, lines=None, failures=None)


@pytest.mark.parametrize("path", ["/metrics", "/healthz"])
@pytest.mark.parametrize("loop", LOOPS)
def test_own_answers(seen: Captured, loop: str, path: str) -> None:
    """What is answered for the application is answered on each of them."""

    async def case() -> int:
        side = Side(observed)
        server = side.server(path=path)
        await side.call(of_requests_only, server)
        return int(server.sent[0]["status"])

    assert LOOPS[loop](case) == 200
    assert seen.metric("kyros_instrumentation_errors_total") == 0


def test_loops_are_what_they_are_called() -> None:
    """A run on the wrong one would show nothing."""

    async def which() -> str:
        await anyio.sleep(0.001)
        return type(asyncio.get_running_loop()).__module__.partition(".")[0]

    assert [LOOPS[loop](which) for loop in ASYNCIO] == ASYNCIO
    with pytest.raises(RuntimeError, match="no running event loop"):
        LOOPS["trio"](which)

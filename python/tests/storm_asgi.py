"""The application of a storm, for uvicorn: each route learns in another way whose a request is."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import StreamingResponse

import kyros_obs
from tests import storm
from tests.storm import Kind

#: How often each kind comes.
SHARES = {
    Kind("/token"): 6,
    Kind("/state"): 6,
    Kind("/thread", lines=1): 6,
    Kind("/route"): 6,
    Kind("/task", lines=2): 4,
    Kind("/stream", lines=1): 4,
    Kind("/body", method="POST"): 2,
    Kind("/slow", lines=2): 2,
    Kind("/broken", 500, raises=True): 1,
    Kind("/midway", 200, "aborted", raises=True): 1,
    Kind("/away", 200, "disconnected", answer=0): 1,
    Kind("/early", 499, "disconnected", answer=0): 1,
    Kind("/cancelled", 499, "cancelled", answer=504): 1,
}

#: Seconds that nobody waits for.
EVER = 600
#: Where the timeout around a route is in its scope.
LIMIT = "tests.limit"

logger = logging.getLogger(__name__)
worker = {"x-worker": str(os.getpid())}


KINDS = storm.interleaved(SHARES)


def asked(request: Request) -> storm.Request:
    """Which one of the storm a request is."""
    return storm.numbered(int(request.url.query), KINDS)


Asked = Annotated[storm.Request, Depends(asked)]


def bind(one: storm.Request) -> None:
    """Say whose it is, if it is anybody's."""
    if one.tenant is not None:
        kyros_obs.bind(tenant_id=one.tenant, sub=one.sub)


def say(one: storm.Request) -> None:
    """Write a line, which says by itself whose it has to be."""
    logger.info("said", extra={"number": one.number})


def bound_in_thread(one: Asked) -> storm.Request:
    """A dependency that runs in a thread."""
    bind(one)
    return one


Bound = Annotated[storm.Request, Depends(bound_in_thread)]


def answer(one: storm.Request) -> Response:
    """As many bytes as it has to be."""
    return Response(b"x" * one.size, headers=worker)


def make_app() -> Any:
    """For `uvicorn --factory`."""
    kyros_obs.configure()
    app = FastAPI()
    add_routes(app)
    add_routes_that_wait(app)
    add_routes_that_fail(app)
    app.add_middleware(OfState)
    return impatient(kyros_obs.instrument(app))


class OfState:
    """Authentication that leaves what it has found in the state."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve."""
        if scope.get("path") == "/state":
            one = asked(Request(scope))
            await asyncio.sleep(0)
            if one.tenant is not None:
                scope["state"].update(tenant_id=one.tenant, user={"sub": one.sub})
        await self._app(scope, receive, send)


def impatient(app: Any) -> Any:
    """A timeout around one route, which says when it begins; it answers by itself."""

    async def around(scope: Any, receive: Any, send: Any) -> None:
        if scope.get("path") != "/cancelled":
            await app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(None) as scope[LIMIT]:
                await app(scope, receive, send)
        except TimeoutError:
            headers = [(b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 504, "headers": headers})
            await send({"type": "http.response.body"})

    return around


def add_routes(app: FastAPI) -> None:
    """Those that answer at once."""

    @app.get("/token")
    async def token(one: Asked) -> Response:
        return answer(one)

    @app.get("/state")
    async def state(one: Asked) -> Response:
        return answer(one)

    @app.get("/thread")
    def thread(one: Bound) -> Response:
        say(one)
        return answer(one)

    @app.get("/route")
    async def route(one: Asked) -> Response:
        await asyncio.sleep(0)
        bind(one)
        return answer(one)

    @app.post("/body")
    async def body(one: Bound, request: Request) -> Response:
        assert len(await request.body()) == one.size
        return answer(one)


def add_routes_that_wait(app: FastAPI) -> None:
    """Those that others come in between."""

    @app.get("/task")
    async def task(one: Asked) -> Response:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(in_task(bind, one))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(in_task(say, one))
            tasks.create_task(asyncio.to_thread(say, one))
        return answer(one)

    @app.get("/stream")
    async def stream(one: Asked) -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"x" * (one.size // 2)
            await asyncio.sleep(0)
            bind(one)
            say(one)
            yield b"x" * (one.size - one.size // 2)

        return StreamingResponse(chunks(), headers=worker)

    @app.get("/slow")
    async def slow(one: Bound) -> Response:
        for part in range(2):
            await asyncio.sleep((one.number % 7 + part) / 100)
            say(one)
        return answer(one)


async def in_task(do: Callable[[storm.Request], None], one: storm.Request) -> None:
    """Do something in a task of its own, a little later."""
    await asyncio.sleep(0)
    do(one)


def add_routes_that_fail(app: FastAPI) -> None:
    """Those that don't come to their end."""

    @app.get("/broken")
    async def broken(one: Bound) -> None:
        raise RuntimeError("broken")

    @app.get("/midway")
    async def midway(one: Bound) -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"x" * one.size
            raise RuntimeError("broken midway")

        return StreamingResponse(chunks(), headers=worker)

    @app.get("/away")
    async def away(one: Asked) -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            bind(one)
            yield b"x" * one.size
            await asyncio.sleep(EVER)

        return StreamingResponse(chunks(), headers=worker)

    @app.get("/early")
    async def early(one: Bound, request: Request) -> Response:
        while (await request.receive())["type"] != "http.disconnect":
            """Wait for the client to leave."""
        return answer(one)

    @app.get("/cancelled")
    async def cancelled(one: Asked, request: Request) -> Response:
        bind(one)
        request.scope[LIMIT].reschedule(asyncio.get_running_loop().time() + 0.02)
        await asyncio.sleep(EVER)
        return answer(one)

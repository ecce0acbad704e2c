"""Nothing of a request is left when it has ended: no object, and no value of a context."""

import asyncio
import contextvars
import gc
import weakref
from typing import Any

import pytest

from kyros_obs.context import current
from kyros_obs.testing import Captured
from tests.semantics import (
    ASYNCIO,
    BODY,
    LAST,
    MORE,
    START,
    Asgi,
    Side,
    ended,
    one,
    same,
)


class Canary(dict[str, Any]):
    """A scope, or something of a request, whose end can be seen."""


ENDINGS = ["answered", "raised", "cancelled", "closed", "forgotten", "streamed"]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("loop", ASYNCIO)
def test_nothing_is_kept(seen: Captured, loop: str, ending: str) -> None:
    """What a request had is gone with it, without the collector of cycles."""

    async def case(side: Side) -> object:
        canaries: list[weakref.ref[Any]] = []
        await request(side, ending, canaries)
        await asyncio.sleep(0)
        left = [type(canary()).__name__ for canary in canaries if canary() is not None]
        return "left", left if ending == "raised" else left == []

    gc.collect()
    gc.disable()
    try:
        same(seen, loop, case, lines=None)
    finally:
        gc.enable()


async def request(side: Side, ending: str, canaries: list[weakref.ref[Any]]) -> None:
    """One request that ends so; what it had is told."""
    server = side.server(BODY)
    server.scope = Canary(server.scope)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        local = Canary()
        canaries.append(weakref.ref(local))
        await send(START)
        if ending == "raised":
            raise RuntimeError("broken")
        for _ in range(3 * (ending == "streamed")):
            await send(MORE)
        if ending in {"cancelled", "closed"}:
            await server.wait("handler")
        await send(LAST)

    canaries.extend(map(weakref.ref, (server, server.scope, app)))
    awaitable: Any = side.call(app, server)
    if ending == "closed":
        closed(awaitable)
    elif ending != "forgotten":
        task = asyncio.ensure_future(awaitable)
        if ending == "cancelled":
            await server.reached.wait()
            task.cancel()
        await ended(task)


def closed(coroutine: Any) -> None:
    """Begin, and close."""
    coroutine.send(None)
    coroutine.close()


VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE", default="unset")


def setting(app: Asgi, value: str, *, reset: bool) -> Asgi:
    """A middleware that sets the variable."""

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        token = VARIABLE.set(value)
        try:
            await app(scope, receive, send)
        finally:
            if reset:
                VARIABLE.reset(token)

    return middleware


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize("how", ["awaited", "task", "task in a context", "thread", "foreign"])
@pytest.mark.parametrize("loop", ASYNCIO)
def test_variables_of_contexts(seen: Captured, loop: str, how: str, *, reset: bool) -> None:
    """Set outside and inside, seen and left as ever; and nothing of ours is left."""

    async def case(side: Side) -> object:
        values: list[str] = []
        tokens: list[Any] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            values.append(VARIABLE.get())
            tokens.append(VARIABLE.set("by the application"))
            if how == "thread":
                await asyncio.to_thread(VARIABLE.set, "lost")
            await asyncio.create_task(one(send(START)))
            values.append(VARIABLE.get())
            await send(LAST)

        middleware = setting(app, "by what is inside", reset=reset)
        whole = setting(side.wrap(middleware), "by what is around", reset=reset)
        server = side.server(BODY)
        coroutine: Any = whole(server.scope, server.receive, server.send)
        context = contextvars.copy_context()
        if how.startswith("task"):
            given: Any = {"context": context} if how.endswith("context") else {}
            await asyncio.create_task(coroutine, **given)
        else:
            await coroutine
        if how == "foreign":
            values.append(str((await ended(reset_elsewhere(tokens[0])))[:2]))
        return values, VARIABLE.get(), context.get(VARIABLE), context.get(current), current.get()

    same(seen, loop, case)


async def reset_elsewhere(token: Any) -> None:
    """Reset what was set in another context."""
    contextvars.Context().run(VARIABLE.reset, token)

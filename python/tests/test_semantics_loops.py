"""A loop that ends or is closed meanwhile, and tasks of the application: as they are bare."""

import asyncio
import gc
from typing import Any

import anyio
import pytest

from kyros_obs.testing import Captured
from tests.semantics import (
    ASYNCIO,
    BODY,
    LAST,
    LOOP_FACTORIES,
    LOOPS,
    MORE,
    START,
    VERSIONS,
    Asgi,
    Server,
    Side,
    bare,
    ended,
    observed,
    one,
    same,
)


@pytest.mark.parametrize("loop", ASYNCIO)
def test_left_by_a_loop_that_ends(seen: Captured, loop: str) -> None:
    """A request that is under way then is cancelled, and its generators are closed."""
    logs: dict[tuple[Any, str], list[str]] = {}

    async def case(side: Side) -> object:
        server = side.server(BODY)
        logs[side.wrap, side.version] = server.log

        async def chunks() -> Any:
            try:
                yield START
                yield MORE
                await server.wait("generator")
            finally:
                server.log.append("generator is closed")

        async def app(scope: Any, receive: Any, send: Any) -> None:
            async for chunk in chunks():
                await send(chunk)

        tasks.append(asyncio.ensure_future(side.call(app, server)))
        await server.reached.wait()
        return list(server.sent)

    tasks: list[Any] = []
    same(seen, loop, case, lines=1)
    assert [task.cancelled() for task in tasks] == [True] * len(tasks)
    assert len({tuple(log) for log in logs.values()}) == 1


@pytest.mark.parametrize("loop", ASYNCIO)
@pytest.mark.parametrize("version", VERSIONS)
def test_destroyed_with_its_loop(seen: Captured, loop: str, version: str) -> None:
    """A request that is under way when nobody runs its loop any more is closed, and told of."""
    told = []
    for wrap in (bare, observed):
        side = Side(wrap, version)
        messages: list[str] = []
        server = destroyed(side, LOOP_FACTORIES[loop](), messages)
        told.append((server.log, server.sent, messages))
    assert told[0] == told[1]
    assert told[0][0] == ["handler: GeneratorExit", "handler is left"]
    assert len(seen.access_lines()) == 1


def destroyed(side: Side, loop: asyncio.AbstractEventLoop, messages: list[str]) -> Server:
    """The server of a request whose loop is closed; what the loop says of that is kept."""
    loop.set_exception_handler(lambda _loop, context: messages.append(context["message"]))

    async def begin() -> tuple[Server, "asyncio.Future[Any]"]:
        server = side.server(BODY)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await send(START)
            await server.wait("handler")

        task = asyncio.ensure_future(side.call(app, server))
        await server.reached.wait()
        return server, task

    server, task = loop.run_until_complete(begin())
    loop.close()
    del task
    gc.collect()
    return server


def sending(*messages: Any) -> Asgi:
    """An application that sends messages, at once and in a task each."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        async with anyio.create_task_group() as tasks:
            for message in messages:
                tasks.start_soon(send, message)
        await send(LAST)

    return app


@pytest.mark.parametrize("loop", LOOPS)
def test_sent_by_several_tasks(seen: Captured, loop: str) -> None:
    """All messages are sent; none is another object than the application's."""

    async def case(side: Side) -> object:
        server = side.server(BODY)
        chunks = [{**MORE, "body": str(number).encode()} for number in range(20)]
        await ended(side.call(sending(*chunks), server))
        whose = {id(message) for message in (START, *chunks, LAST)}
        sent = sorted(message.get("body", b"") for message in server.sent)
        return sent, {id(message) for message in server.sent} == whose

    same(seen, loop, case)


@pytest.mark.parametrize("loop", ASYNCIO)
def test_task_group_of_the_application(seen: Captured, loop: str) -> None:
    """A task that fails cancels its siblings, one of which sends; the group goes through."""

    async def case(side: Side) -> object:
        server = side.server(BODY, stuck="send 1")

        async def app(scope: Any, receive: Any, send: Any) -> None:
            async def fail() -> None:
                await server.reached.wait()
                raise KeyError("a member")

            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(one(sending(MORE)(scope, receive, send)))
                tasks.create_task(fail())

        return await ended(side.call(app, server)), server.log, server.sent

    same(seen, loop, case)

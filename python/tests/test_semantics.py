"""However a request is interrupted or ends, the application and its server see what they see bare.

Each case runs on asyncio, uvloop and trio, with and without us, by servers of two versions of ASGI.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from kyros_obs.testing import Captured
from tests.semantics import (
    ASYNCIO,
    BODY,
    LAST,
    LOOPS,
    MORE,
    START,
    Asgi,
    Server,
    Side,
    ended,
    one,
    same,
    texts,
)

#: Where an application waits, and how many lines of access that leaves.
PLACES = ["receive", "handler", "send 0", "send 1", "send 2", "background", "nowhere"]

Interrupt = Callable[[Side, Asgi, Server], Awaitable[list[object]]]


def waiting(place: str, server: Server) -> Asgi:
    """An application that waits in one place, and tells what it sees."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await receive()
            if place == "receive":
                await receive()
            if place == "handler":
                await server.wait("handler")
            for message in (START, MORE, LAST):
                await send(message)
            if place == "background":
                await server.wait("background")
        except BaseException as error:
            server.log.append(f"application: {type(error).__name__} {texts(error)}")
            await say_goodbye(server)
            raise
        finally:
            server.log.append("application is left")

    return app


async def say_goodbye(server: Server) -> None:
    """Clean up, in a while."""
    with anyio.CancelScope(shield=True):
        await checkpoint()
    server.log.append("application has cleaned up")


async def cancelled(side: Side, app: Asgi, server: Server) -> list[object]:
    """By its task."""
    task = asyncio.ensure_future(side.call(app, server))
    await server.reached.wait()
    task.cancel("a reason")
    return [await ended(task), task.cancelled(), task.cancelling()]


async def cancelled_twice(side: Side, app: Asgi, server: Server) -> list[object]:
    """By its task, and again while it cleans up."""
    task = asyncio.ensure_future(side.call(app, server))
    await server.reached.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel("again")
    return [await ended(task), task.cancelled()]


async def timed_out(side: Side, app: Asgi, server: Server) -> list[object]:
    """By `wait_for`, which is the only one that can't be told when to."""
    return await ended(asyncio.wait_for(side.call(app, server), server.patience))


async def timed_out_inside(side: Side, app: Asgi, server: Server) -> list[object]:
    """By a `timeout` around it, in the same task."""

    async def within() -> None:
        async with asyncio.timeout(None) as timeout:
            beside = asyncio.create_task(run_out(server, timeout))
            await side.call(app, server)
        await beside

    return [await ended(within()), cancellations()]


async def run_out(server: Server, limit: asyncio.Timeout) -> None:
    """Have a timeout run out when the application waits."""
    await server.reached.wait()
    limit.reschedule(asyncio.get_running_loop().time())


async def failed_beside(side: Side, app: Asgi, server: Server) -> list[object]:
    """By a task group, of which another task fails."""

    async def fail() -> None:
        await server.reached.wait()
        raise RuntimeError("beside")

    async def group() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(one(side.call(app, server)))
            tasks.create_task(fail())

    return [await ended(group()), cancellations()]


def cancellations() -> int:
    """How many times the current task is asked to end."""
    task = asyncio.current_task()
    assert task is not None
    return task.cancelling()


async def out_of_scope(side: Side, app: Asgi, server: Server) -> list[object]:
    """By a cancel scope."""
    outcome: object = "interrupted"
    async with anyio.create_task_group() as tasks:
        with anyio.CancelScope() as scope:
            tasks.start_soon(after, server.reached, scope)
            outcome = await side.call(app, server)
    return [scope.cancelled_caught, outcome]


async def after(event: anyio.Event, scope: anyio.CancelScope) -> None:
    """Cancel a scope when something has happened."""
    await event.wait()
    scope.cancel()


async def due(event: anyio.Event, scope: anyio.CancelScope) -> None:
    """The same by its deadline."""
    await event.wait()
    scope.deadline = anyio.current_time()


async def out_of_group(side: Side, app: Asgi, server: Server) -> list[object]:
    """By the scope of a task group that has started it."""
    async with anyio.create_task_group() as tasks:
        wrapped = side.wrap(app)
        tasks.start_soon(wrapped, server.scope, server.receive, server.send)
        await server.reached.wait()
        tasks.cancel_scope.cancel()
    return ["left", tasks.cancel_scope.cancelled_caught]


async def moved_on(side: Side, app: Asgi, server: Server) -> list[object]:
    """By the deadline of `move_on_after`."""
    async with anyio.create_task_group() as tasks:
        with anyio.move_on_after(None) as scope:
            tasks.start_soon(due, server.reached, scope)
            await side.call(app, server)
    return ["moved on", scope.cancelled_caught]


async def failed_after(side: Side, app: Asgi, server: Server) -> list[object]:
    """By that of `fail_after`."""

    async def within() -> None:
        with anyio.fail_after(None) as scope:
            tasks.start_soon(due, server.reached, scope)
            await side.call(app, server)

    async with anyio.create_task_group() as tasks:
        outcome = await ended(within())
    return outcome[:2]


ANYHOW: list[Interrupt] = [out_of_scope, out_of_group, moved_on, failed_after]
INTERRUPTS: list[tuple[str, Interrupt]] = [
    *((loop, how) for loop in LOOPS for how in ANYHOW),
    *((loop, how) for loop in ASYNCIO for how in (cancelled, cancelled_twice)),
    *((loop, how) for loop in ASYNCIO for how in (timed_out, timed_out_inside, failed_beside)),
]


@pytest.mark.parametrize("place", PLACES[:-1])
@pytest.mark.parametrize(("loop", "how"), INTERRUPTS)
def test_interrupted(seen: Captured, loop: str, how: Interrupt, place: str) -> None:
    """In each place where an application may wait."""

    async def case(side: Side) -> object:
        for patience in (0.01, 1, 60):
            server = side.server(BODY, stuck=place)
            server.patience = patience
            outcome = await how(side, waiting(place, server), server)
            if server.reached.is_set():
                break
        return outcome, server.log, server.sent

    same(seen, loop, case, lines=None if how is timed_out else 1)


@pytest.mark.parametrize("loop", ASYNCIO)
@pytest.mark.parametrize("place", PLACES)
def test_cancellation_that_is_survived(seen: Captured, loop: str, place: str) -> None:
    """An application that answers nevertheless; one that ends before anybody cancels it."""

    async def case(side: Side) -> object:
        server = side.server(BODY, stuck=place)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            try:
                await waiting(place, server)(scope, receive, send)
            except asyncio.CancelledError:
                server.log.append(f"cancelled {cancellations()} times")
                await checkpoint()
                await send(LAST)
            server.reached.set()

        task = asyncio.ensure_future(side.call(app, server))
        await server.reached.wait()
        task.cancel()
        return await ended(task), task.cancelled(), server.log, server.sent

    same(seen, loop, case)


@pytest.mark.parametrize("loop", ASYNCIO)
@pytest.mark.parametrize("how", ["task", "ensure_future", "gather", "wait_for", "shield"])
def test_cancelled_before_its_first_step(seen: Captured, loop: str, how: str) -> None:
    """Nothing of the application runs. Whether it was a request at all is not for us to decide."""
    ways: dict[str, Callable[[Any], Any]] = {
        "task": asyncio.create_task,
        "ensure_future": asyncio.ensure_future,
        "gather": asyncio.gather,
        "wait_for": lambda awaitable: asyncio.ensure_future(asyncio.wait_for(awaitable, 0)),
        "shield": asyncio.shield,
    }

    async def case(side: Side) -> object:
        server = side.server(BODY)
        task = ways[how](side.call(waiting("nowhere", server), server))
        task.cancel()
        outcome = await ended(task)
        for other in asyncio.all_tasks() - {asyncio.current_task()}:
            other.cancel()
            await ended(other)
        return outcome[:3], server.log, server.sent

    same(seen, loop, case, lines=None)

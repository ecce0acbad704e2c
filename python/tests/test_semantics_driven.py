"""What an application is called for is a coroutine to all who drive it, or look at it."""

import asyncio
import collections.abc
import inspect
from collections.abc import Generator
from functools import partial
from typing import Any

import pytest

from kyros_obs.context import current
from kyros_obs.testing import Captured
from tests.semantics import (
    ASYNCIO,
    BODY,
    LAST,
    LOOPS,
    START,
    Asgi,
    Side,
    Steps,
    ended,
    same,
)


def told(number: object) -> Generator[object, Any, Any]:
    """Tell a number, and be told something."""
    return (yield number)


def ticking(log: list[object]) -> Asgi:
    """An application that tells its driver, and is told, one thing at a time."""

    async def app(scope: Any, receive: Any, send: Any) -> str:
        try:
            for number in range(3):
                heard = await Steps(partial(told, number))
                log.extend([heard])
        except BaseException as error:
            log.append(type(error).__name__)
            if log[0] == "stubborn":
                log.append(await Steps(partial(told, "stays")))
            if log[0] == "swallows":
                return "swallowed"
            raise
        return "done"

    return app


#: What a driver does, step by step: it sends a value, throws, closes, or awaits anew.
DRIVES: dict[str, list[tuple[str, Any]]] = {
    "to its end": [("send", None), ("send", "a"), ("send", "b"), ("send", "c")],
    "beyond": [*[("send", None)] * 4, ("send", None), ("throw", KeyError(1)), ("close", None)],
    "value at first": [("send", "too early")],
    "thrown at first": [("throw", KeyError("at first"))],
    "thrown": [("send", None), ("throw", KeyError("thrown")), ("send", None)],
    "thrown class": [("send", None), ("throw", KeyError)],
    "stopped": [("send", None), ("throw", StopIteration(3))],
    "cancelled": [("send", None), ("send", 1), ("throw", asyncio.CancelledError())],
    "closed": [("send", None), ("close", None)],
    "closed at first": [("close", None), ("send", None)],
    "closed twice": [("close", None), ("close", None), ("send", None)],
}


@pytest.mark.parametrize("nature", ["plain", "stubborn", "swallows"])
@pytest.mark.parametrize("drive", DRIVES)
def test_driven(seen: Captured, drive: str, nature: str) -> None:
    """By hand, as event loops of all kinds do it: values go in and out, exceptions too."""

    async def case(side: Side) -> object:
        log: list[object] = [nature]
        coroutine: Any = side.call(ticking(log), side.server(BODY))
        return [step(coroutine, *one) for one in DRIVES[drive]], log

    same(seen, "asyncio", case, lines=None)


def step(coroutine: Any, how: str, what: Any) -> object:
    """What one step of a driver gets."""
    try:
        return coroutine.close() if how == "close" else getattr(coroutine, how)(what)
    except BaseException as error:  # noqa: BLE001 - that is what is told
        # Who says that nothing is left to await is of no interest.
        return type(error).__name__, None if "await" in str(error) else error.args


@pytest.mark.parametrize("loop", ASYNCIO)
def test_what_is_returned_is_a_coroutine(seen: Captured, loop: str) -> None:
    """To all who ask, and to what runs coroutines; and from it the application's is found."""

    async def case(side: Side) -> object:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await server.wait("handler")

        server = side.server(BODY)
        coroutine: Any = side.call(app, server)
        found = [asyncio.iscoroutine(coroutine), inspect.isawaitable(coroutine)]
        found.append(isinstance(coroutine, collections.abc.Coroutine))
        task = asyncio.create_task(coroutine)
        await server.reached.wait()
        names = awaited(coroutine)
        task.cancel()
        return found, names.index("wait") - names.index("app"), await ended(task)

    same(seen, loop, case)


def awaited(coroutine: Any) -> list[str]:
    """The functions that a coroutine waits in, as debuggers find them."""
    names = []
    while coroutine is not None:
        names.append(getattr(coroutine, "__name__", ""))
        coroutine = getattr(coroutine, "cr_await", None)
    return names


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("what", ["application", "send", "receive"])
def test_never_awaited(seen: Captured, loop: str, what: str) -> None:
    """What the application or its server forgets to await is warned of, once, and does nothing."""

    async def case(side: Side) -> object:
        server = side.server(BODY)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if what == "send":
                send(START)
            if what == "receive":
                receive()
            await send(START)
            await send(LAST)

        forgotten = side.call(app, server)
        outcome = None if what == "application" else await ended(forgotten)
        del forgotten
        return outcome, server.sent, current.get() is None

    same(seen, loop, case, lines=None)

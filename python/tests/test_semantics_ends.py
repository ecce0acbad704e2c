"""What an application raises and returns is what its server sees, too."""

import asyncio
import operator
from collections.abc import Callable
from typing import Any

import pytest

from kyros_obs.testing import Captured
from tests.semantics import (
    ASYNCIO,
    BODY,
    LAST,
    LOOPS,
    MORE,
    START,
    Asgi,
    Side,
    Steps,
    described,
    ended,
    one,
    same,
)


class Slotted(Exception):  # noqa: N818 - its name says what is particular
    """An exception that can't be changed or printed."""

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(name)

    def __str__(self) -> str:
        raise ValueError("can't be printed")


#: What applications raise, made anew each time.
ERRORS: dict[str, Callable[[], BaseException]] = {
    "RuntimeError": lambda: RuntimeError("broken"),
    "KeyError": lambda: KeyError(1, 2),
    "OSError": lambda: OSError(32, "broken pipe"),
    "TimeoutError": TimeoutError,
    "Slotted": Slotted,
    "StopIteration": lambda: StopIteration(7),
    "StopAsyncIteration": StopAsyncIteration,
    "CancelledError": lambda: asyncio.CancelledError("own"),
    "GeneratorExit": GeneratorExit,
    "KeyboardInterrupt": KeyboardInterrupt,
    "SystemExit": lambda: SystemExit(3),
    "BaseException": lambda: BaseException("of all"),
    "group": lambda: ExceptionGroup("two", [KeyError(1), ExceptionGroup("", [OSError(5)])]),
    "group of exits": lambda: BaseExceptionGroup("", [SystemExit(1), KeyboardInterrupt()]),
    "mixed group": lambda: BaseExceptionGroup("", [ValueError(1), asyncio.CancelledError()]),
}


@pytest.mark.parametrize("sent", range(4))
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("loop", LOOPS)
def test_raised(seen: Captured, loop: str, error: str, sent: int) -> None:
    """Before, within and after the answer: the same object, with the application's frames."""

    async def case(side: Side) -> object:
        server = side.server(BODY)
        raised = ERRORS[error]()

        def deeper() -> None:
            raise raised

        async def app(scope: Any, receive: Any, send: Any) -> None:
            for message in (START, MORE, LAST)[:sent]:
                await send(message)
            deeper()

        try:
            await side.call(app, server)
        except BaseException as caught:  # noqa: BLE001 - that is what is told
            return seen_of(caught), caught is raised, server.sent
        return None

    same(seen, loop, case)


def seen_of(error: BaseException) -> object:
    """What can be seen of an exception, which may not be printable."""
    return error.__traceback__ is not None if isinstance(error, Slotted) else described(error)


@pytest.mark.parametrize("loop", LOOPS)
def test_causes_and_notes(seen: Captured, loop: str) -> None:
    """Cause, context and notes are the application's, whatever its caller is just handling."""

    async def case(side: Side) -> object:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            try:
                absent()
            except KeyError as first:
                error = ValueError("second")
                error.add_note("a note")
                raise error from first

        def absent() -> None:
            raise KeyError("first")

        async def outer(scope: Any, receive: Any, send: Any) -> None:
            try:
                await app(scope, receive, send)
            except ValueError:
                raise RuntimeError("third") from None

        try:
            absent()
        except KeyError:
            ends = [await ended(side.call(one, side.server(BODY))) for one in (app, outer)]
        return ends

    same(seen, loop, case, lines=2)


@pytest.mark.parametrize("loop", LOOPS)
def test_returned(seen: Captured, loop: str) -> None:
    """A value that is returned, which servers refuse; scope and messages, which are the same."""

    async def case(side: Side) -> object:
        server = side.server(BODY)
        same_objects: list[object] = []

        async def app(scope: Any, receive: Any, send: Any) -> str:
            same_objects.extend([scope is server.scope, await receive() is BODY])
            same_objects.append(await send(START))
            await send(LAST)
            return "a value"

        outcome = await ended(side.call(app, server))
        return outcome, same_objects, list(map(operator.is_, server.sent, (START, LAST)))

    same(seen, loop, case)


def awaitables() -> dict[str, Callable[[Asgi], Any]]:
    """Applications that return what is no coroutine, for one that does."""

    def future(app: Asgi) -> Any:
        return lambda *three: asyncio.ensure_future(app(*three))

    def own(app: Asgi) -> Any:
        return lambda *three: Steps(lambda: (yield from app(*three).__await__()))

    def iterator(app: Asgi) -> Any:
        return lambda *three: Steps(lambda: app(*three).__await__())

    return {"future": future, "own": own, "iterator": iterator}


@pytest.mark.parametrize("kind", awaitables())
@pytest.mark.parametrize("error", [None, "RuntimeError", "group", "CancelledError"])
@pytest.mark.parametrize("loop", ASYNCIO)
def test_awaitable_that_is_no_coroutine(
    seen: Captured, loop: str, error: str | None, kind: str
) -> None:
    """Is awaited as it is, answers, and may be cancelled."""

    async def case(side: Side) -> object:
        server = side.server(BODY)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await send(START)
            if error == "CancelledError":
                await server.wait("handler")
            if error is not None:
                raise ERRORS[error]()  # noqa: RSE102 - it is made anew
            await send(LAST)

        task = asyncio.ensure_future(one(side.call(awaitables()[kind](app), server)))
        if error == "CancelledError":
            await server.reached.wait()
            task.cancel()
        outcome = await ended(task)
        await asyncio.sleep(0)
        return outcome[:3], server.log, server.sent

    same(seen, loop, case)

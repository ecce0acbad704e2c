"""Calls an application bare and observed, on each event loop: what is told has to be the same."""

import asyncio
import traceback
import warnings
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import trio
import uvloop
from anyio.lowlevel import checkpoint
from starlette.applications import Starlette

import kyros_obs
from kyros_obs.asgi import ObservabilityMiddleware
from kyros_obs.testing import Captured

Asgi = Callable[[Any, Any, Any], Awaitable[Any]]

START = {"type": "http.response.start", "status": 200, "headers": [(b"x-of", b"the application")]}
MORE = {"type": "http.response.body", "body": b"more", "more_body": True}
LAST = {"type": "http.response.body", "body": b"last"}
GONE = {"type": "http.disconnect"}
BODY = {"type": "http.request", "body": b"sent", "more_body": False}


def _asyncio(case: Callable[[], Awaitable[object]], factory: Any = None) -> object:
    with asyncio.Runner(loop_factory=factory) as runner:

        async def run() -> object:
            return await case()

        return runner.run(run())


#: How a coroutine function is run. Those of Python's own interface are the first two.
LOOPS: dict[str, Callable[[Callable[[], Awaitable[object]]], object]] = {
    "asyncio": _asyncio,
    "uvloop": lambda case: _asyncio(case, uvloop.new_event_loop),
    "trio": trio.run,
}
ASYNCIO = ["asyncio", "uvloop"]
LOOP_FACTORIES = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}

#: In the first `send` never raises, in the second it may.
VERSIONS = ["2.3", "2.4"]


def bare(app: Any) -> Any:
    """Leave an application as it is."""
    return app


def observed(app: Any) -> Any:
    """Observe it."""
    return kyros_obs.instrument(app) if isinstance(app, Starlette) else ObservabilityMiddleware(app)


def asked(app: Any) -> Any:
    """Observe it, and ask whose its requests are."""
    if isinstance(app, Starlette):
        return kyros_obs.instrument(app, identity=_nobody)
    return ObservabilityMiddleware(app, identity=_nobody)


async def _nobody(_scope: Any) -> None:
    """Knows nobody."""


OBSERVED = [observed, asked]


@dataclass(frozen=True)
class Side:
    """One of those that are compared."""

    wrap: Callable[[Any], Any]
    version: str = VERSIONS[0]

    def server(self, *received: Any, stuck: str = "", **scope: Any) -> "Server":
        """A server of one connection, which gives these messages; its scope has these items."""
        return Server(self.version, received, stuck, scope)

    def call(self, app: Asgi, server: "Server") -> Awaitable[Any]:
        """What an application returns to that server."""
        awaitable: Awaitable[Any] = self.wrap(app)(server.scope, server.receive, server.send)
        return awaitable


class Server:
    """A server of one connection. It waits for ever where it is `stuck`, and where all is said."""

    def __init__(
        self, version: str, received: tuple[Any, ...], stuck: str, scope: Mapping[str, Any]
    ) -> None:
        """Have the messages ready."""
        self.scope: Any = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": version},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/",
            "raw_path": b"/",
            "root_path": "",
            "query_string": b"",
            "headers": [(b"host", b"test")],
            "client": ("127.0.0.1", 1234),
            "server": ("test", 80),
            **scope,
        }
        self.sent: list[Any] = []
        self.log: list[str] = []
        self.reached = anyio.Event()
        self.patience = 60.0
        self._received = deque(received)
        self._stuck = stuck

    async def receive(self) -> Any:
        """Give the next message."""
        await checkpoint()
        return self._received.popleft() if self._received else await self.wait("receive")

    async def send(self, message: Any) -> None:
        """Take a message, which takes a while."""
        if self._stuck == f"send {len(self.sent)}":
            self._stuck = ""
            await self.wait("send")
        await checkpoint()
        self.sent.append(message)

    def sent_but_for_traces(self) -> list[Any]:
        """The messages, without the text of tracebacks, which name where functions are."""
        last = "RuntimeError: "
        return [
            {**message, "message": message["message"].rpartition(last)[2]}
            if "message" in message
            else message
            for message in self.sent
        ]

    async def wait(self, where: str) -> None:
        """Wait until somebody interrupts that."""
        self.reached.set()
        try:
            await anyio.sleep_forever()
        except BaseException as error:
            self.log.append(f"{where}: {type(error).__name__}")
            raise
        finally:
            self.log.append(f"{where} is left")


def same(
    seen: Captured,
    loop: str,
    case: Callable[[Side], Awaitable[object]],
    *,
    lines: int | None = 1,
    failures: int | None = 0,
) -> None:
    """A case tells the same of an observed application, which has its `lines` of access."""
    for version in VERSIONS:
        expected = told(loop, case, Side(bare, version))
        assert expected[0], "what tells nothing shows nothing"
        for wrap in OBSERVED:
            before = len(seen.access_lines())
            got = told(loop, case, Side(wrap, version))
            assert got == expected, f"bare: {expected}\n{wrap.__name__}: {got}"
            if lines is not None:
                assert len(seen.access_lines()) - before == lines
    if failures is not None:
        assert seen.metric("kyros_instrumentation_errors_total") == failures
    assert seen.metric("websocket_connections") == 0


def told(loop: str, case: Callable[[Side], Awaitable[object]], side: Side) -> tuple[object, Any]:
    """What a case tells, and the warnings of what nobody has awaited."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = LOOPS[loop](lambda: case(side))
    return result, [str(one.message).partition(" was ")[2] for one in caught]


async def ended(awaitable: Awaitable[object]) -> list[object]:
    """How it ends: what it returns, or what it raises, in which functions."""
    try:
        return ["returned", await awaitable]
    except BaseException as error:  # noqa: BLE001 - that is what is told
        return ["raised", *described(error)]


def described(error: BaseException | None, *outer: BaseException) -> list[object]:
    """What can be seen of an exception, of its groups' members, its cause and its context."""
    if error is None or any(error is one for one in outer):
        return []
    members = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    around = (*outer, error)
    return [
        type(error).__name__,
        texts(error),
        functions(error),
        getattr(error, "__notes__", None),
        [described(one, *around) for one in (*members, error.__cause__, error.__context__)],
        error.__suppress_context__,
    ]


def texts(error: BaseException) -> list[str]:
    """What it says; what anyio and trio say names objects by where they are in memory."""
    said = [] if isinstance(error, trio.Cancelled) else map(str, error.args)
    return [text for text in said if "cancel scope" not in text]


def functions(error: BaseException) -> list[str]:
    """The functions of its traceback, without ours, which may be there or not."""
    ours = Path(kyros_obs.__file__).parent
    frames = traceback.extract_tb(error.__traceback__)
    return [frame.name for frame in frames if ours not in Path(frame.filename).parents]


async def one(awaitable: Any) -> Any:
    """A coroutine of it."""
    return await awaitable


class Steps:
    """What is no coroutine, and can be awaited."""

    def __init__(self, steps: Callable[[], Generator[Any, Any, Any]]) -> None:
        self._steps = steps

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._steps()

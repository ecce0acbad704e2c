"""An application that servers run in many workers: each request has one of them do something."""

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

import kyros_obs
from kyros_obs.asgi import AsgiApp, Message, Receive, Scope, Send

#: In which header an answer says who has given it.
WORKER = "x-worker"
#: The setting of `Ledger`.
LEDGERS = "COUNTING_LEDGERS"

counted = kyros_obs.counter("counted_total", "What was asked for.")
spread = kyros_obs.histogram("counted_seconds", "The same, spread.", buckets=[1, 2, 4])
visited = kyros_obs.counter("visited_total", "Visits.", labels=["tenant_id"])
levels = {
    across: kyros_obs.gauge(f"level_{across}", "What each worker was told.", across=across)
    for across in ("sum", "max", "min")
}


class Ledger:
    """How many increments a thread has begun and how many it has done, in a file.

    What a process has written to a file stays when it is killed. So `begun` and `done` differ by
    the one increment at most that was under way then.
    """

    _own = threading.local()

    def __init__(self, directory: Path) -> None:
        """Begin one for this thread."""
        name = f"{os.getpid()}-{threading.get_ident()}-{time.monotonic_ns()}"
        self._file = os.open(directory / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        self._count = 0

    @classmethod
    def own(cls) -> "Ledger":
        """The one of this thread."""
        if not hasattr(cls._own, "ledger"):
            cls._own.ledger = cls(Path(os.environ[LEDGERS]))
        ledger: Ledger = cls._own.ledger
        return ledger

    def note(self, work: Callable[[int], None]) -> None:
        """Do something that counts one."""
        self._count += 1
        written = self._count.to_bytes(8, "little")
        os.pwrite(self._file, written, 0)
        work(self._count)
        os.pwrite(self._file, written, 8)

    @staticmethod
    def read(directory: Path) -> tuple[list[int], list[int]]:
        """How many were done and how many were begun, in each ledger."""
        texts = [path.read_bytes().ljust(16, b"\0") for path in directory.iterdir()]
        done = [int.from_bytes(text[8:16], "little") for text in texts]
        return done, [int.from_bytes(text[:8], "little") for text in texts]


def _count_one(number: int) -> None:
    counted.inc()
    spread.observe(number % 4 + 0.5)
    visited.inc(tenant_id=f"{os.getpid()}-{number // 100}")


def _storm(times: str) -> None:
    ledger = Ledger.own()
    for _ in range(int(times)):
        ledger.note(_count_one)


def _count() -> None:
    # The worker is busy for long enough that the next request is another one's.
    time.sleep(0.02)
    counted.inc()


def _declare(name: str) -> None:
    kyros_obs.counter(name, "Known to one worker.", labels=["outcome"]).inc(outcome="ok")


def _set_level(value: str) -> None:
    time.sleep(0.02)
    for gauge in levels.values():
        gauge.set(float(value))


def _visit(tenant: str) -> None:
    time.sleep(0.02)
    visited.inc(tenant_id=tenant)


_ACTIONS: dict[str, Callable[..., object]] = {
    "count": _count,
    "declare": _declare,
    "forget": kyros_obs.forget_tenant,
    "level": _set_level,
    "pid": os.getpid,
    "storm": _storm,
    "visit": _visit,
}


def do(what: str, values: Iterable[str]) -> str:
    """Do what a request asks for."""
    return str(_ACTIONS[what](*values))


def make_asgi() -> AsgiApp:
    """For uvicorn, hypercorn, granian, and gunicorn with uvicorn's worker."""
    kyros_obs.configure()

    async def asked(request: Request) -> PlainTextResponse:
        return PlainTextResponse(do(request.path_params["what"], request.query_params.values()))

    app = kyros_obs.instrument(
        Starlette(routes=[Route("/do/{what}", asked), Route("/traced", _ok)])
    )

    async def signed(scope: Scope, receive: Receive, send: Send) -> None:
        async def sign(message: Message) -> None:
            if message["type"] == "http.response.start":
                worker = (WORKER.encode(), str(os.getpid()).encode())
                message["headers"] = [*message["headers"], worker]
            await send(message)

        await app(scope, receive, sign if scope["type"] == "http" else send)

    return signed


async def _ok(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")

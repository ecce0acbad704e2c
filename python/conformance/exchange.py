"""A server in miniature: one request, and what of it really went over the wire."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.table import Client, Row

Message = dict[str, Any]
AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]

_BODILESS = {204, 304}

#: When the server cancels a request that is waiting.
_PATIENCE = 0.02


@dataclass
class Wire:
    """What the server has seen, which nobody who counts has a hand in."""

    code: int | None = None
    sent: int = 0
    received: int = 0
    seconds: float = 0
    """From the request's begin to its last byte, or to the application's end without one."""


def serve(app: AsgiApp, row: Row) -> Wire:
    """Serve the request of a row."""
    return asyncio.run(_Exchange(app, row).run())


class _Exchange:
    """One request, served as uvicorn does it."""

    def __init__(self, app: AsgiApp, row: Row) -> None:
        self._app = app
        self._row = row
        self._wire = Wire()
        self._chunks = list(row.body) or [b""]
        self._first_sent = asyncio.Event()
        self._answered = asyncio.Event()
        self._gone = False
        self._begun = 0.0

    async def run(self) -> Wire:
        self._begun = time.perf_counter()
        task = asyncio.ensure_future(self._app(self._scope(), self._receive, self._send))
        if self._row.client is Client.CANCELS_WAITING:
            asyncio.get_running_loop().call_later(_PATIENCE, task.cancel)
        if self._row.client is Client.CANCELS_READING:
            await self._first_sent.wait()
            task.cancel()
        with suppress(Exception, asyncio.CancelledError):
            await task
        return self._told()

    def _told(self) -> Wire:
        if not self._answered.is_set():
            self._wire.seconds = time.perf_counter() - self._begun
        if self._wire.code is None and self._row.client is Client.STAYS:
            self._wire.code = 500  # what servers answer in the application's place
        return self._wire

    def _scope(self) -> Message:
        row = self._row
        hosts = () if any(name == b"host" for name, _ in row.headers) else ((b"host", b"test"),)
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": self._spec()},
            "http_version": "1.1",
            "method": row.method,
            "scheme": "http",
            "path": row.path,
            "raw_path": row.path.encode(),
            "query_string": b"",
            "root_path": row.root_path,
            "headers": [*hosts, *row.headers],
            "client": ("127.0.0.1", 1234),
            "server": ("test", 80),
            "state": {},
            "extensions": {"http.response.pathsend": {}} if row.pathsend else {},
        }

    def _spec(self) -> str:
        return "2.4" if self._row.client is Client.REFUSES else "2.3"

    async def _receive(self) -> Message:
        if self._chunks:
            chunk = self._chunks.pop(0)
            self._wire.received += len(chunk)
            more = bool(self._chunks) or self._row.client is Client.LEAVES_SENDING
            return {"type": "http.request", "body": chunk, "more_body": more}
        if self._row.client is Client.LEAVES_READING:
            await self._first_sent.wait()
        elif self._row.client is not Client.LEAVES_SENDING:
            await self._answered.wait()
        self._gone = not self._answered.is_set()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if self._row.client is Client.REFUSES and self._first_sent.is_set():
            raise OSError
        if self._gone:
            return
        if message["type"] == "http.response.start":
            self._wire.code = message["status"]
        elif message["type"] == "http.response.body":
            self._take(len(message.get("body", b"")), last=not message.get("more_body"))
        elif message["type"] == "http.response.pathsend":
            self._take(_size(message["path"]), last=True)

    def _take(self, count: int, *, last: bool) -> None:
        if self._row.method != "HEAD" and self._wire.code not in _BODILESS:
            self._wire.sent += count
        if count:
            self._first_sent.set()
        if last:
            self._wire.seconds = time.perf_counter() - self._begun
            self._answered.set()


def _size(path: str) -> int:
    return Path(path).stat().st_size

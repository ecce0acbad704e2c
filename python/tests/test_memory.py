"""What a request held is given back, whatever the application keeps of it."""

import asyncio
import gc
import weakref
from typing import Any

import pytest
from fastapi import FastAPI, Request

import kyros_obs
from kyros_obs import _state
from kyros_obs._native import CallbackName
from kyros_obs.context import current
from kyros_obs.testing import Captured

REQUESTS = 200


class Canary:
    """Something of the application that lives as long as a request's state."""


def keep_request(request: Request) -> None:
    """A reference from the state to the request, as caches and repositories have one."""
    request.state.keep = request


def keep_record(request: Request) -> None:
    """A reference to our own record."""
    request.state.keep = current.get()


def keep_callback(request: Request) -> None:
    """A reference to a callback's record, which refers to that of its request."""
    record: Any = current.get()
    name = CallbackName("app", "out.children", "out.children", "run")
    request.state.keep = _state.runtime().callback(name, record)


@pytest.mark.parametrize("keep", [keep_request, keep_record, keep_callback])
@pytest.mark.parametrize("finished", [True, False])
def test_cycles_are_collected(seen: Captured, keep: Any, *, finished: bool) -> None:
    """A cycle through the scope or the server's `send` goes with the next collection."""
    app = FastAPI()
    canaries: list[weakref.ref[Canary]] = []

    @app.get("/")
    async def root(request: Request) -> None:
        canary = Canary()
        canaries.append(weakref.ref(canary))
        request.state.canary = canary
        keep(request)
        if not finished:
            await asyncio.sleep(60)

    kyros_obs.instrument(app)
    asyncio.run(_serve(app, finished=finished))
    gc.collect()
    assert len(canaries) == REQUESTS
    assert sum(canary() is not None for canary in canaries) == 0


async def _serve(app: FastAPI, *, finished: bool) -> None:
    for _ in range(REQUESTS):
        call = asyncio.ensure_future(_Connection().serve(app))
        if not finished:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            call.cancel()
        await asyncio.gather(call, return_exceptions=True)


class _Connection:
    """What a server has per request: its `send` is bound to the object that holds the scope."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": "/",
            "headers": [],
            "query_string": b"",
            "state": {},
        }

    async def serve(self, app: FastAPI) -> None:
        await app(self.scope, self.receive, self.send)

    async def receive(self) -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Any) -> None:
        """Take a message."""

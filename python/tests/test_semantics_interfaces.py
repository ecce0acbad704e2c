"""What servers, frameworks and tools look for in an application they find in an observed one."""

import asyncio
import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from granian.constants import Interfaces
from granian.server.common import AbstractServer
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.utils import is_asgi, wrap_app
from starlette._utils import is_async_callable
from starlette.applications import Starlette

import kyros_obs
from kyros_obs.testing import Captured
from tests.semantics import ASYNCIO, LAST, LOOPS, START, Side, asked, bare, ended, observed, same


async def function(scope: Any, receive: Any, send: Any) -> None:
    """An application as a function."""
    await send(START)
    await send(LAST)


class Instance:
    """One as an object."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve."""
        await function(scope, receive, send)

    async def method(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve."""
        await function(scope, receive, send)


async def with_more(more: object, scope: Any, receive: Any, send: Any) -> None:
    """One that a `partial` makes an application."""
    await function(scope, receive, send)


#: Applications, made anew each time; the first one is what an observed one has to look like.
APPS: dict[str, Callable[[], Any]] = {
    "instance": Instance,
    "function": lambda: function,
    "method": lambda: Instance().method,
    "partial": lambda: partial(with_more, 1),
    "lambda": lambda: lambda *connection: function(*connection),  # noqa: PLW0108 - it is one
    "observed": lambda: observed(function),
    "starlette": Starlette,
    "fastapi": FastAPI,
}


def is_double_callable(app: Any) -> bool:
    """The way of asgiref, by which Daphne, Django and Quart tell ASGI 2 from 3."""
    if inspect.isclass(app):
        return True
    if asyncio.iscoroutinefunction(getattr(app, "__call__", None)):  # noqa: B004 - it is not called
        return False
    return not asyncio.iscoroutinefunction(app)


def looks_like_asgi3(app: Any) -> bool:
    """The way of Sentry."""
    if inspect.isclass(app):
        return hasattr(app, "__await__")
    if inspect.isfunction(app):
        return asyncio.iscoroutinefunction(app)
    return asyncio.iscoroutinefunction(getattr(app, "__call__", None))  # noqa: B004 - as above


def interface_of_uvicorn(app: Any) -> str:
    """What it serves it as."""
    config = uvicorn.Config(app, log_config=None, proxy_headers=False)
    config.load()
    assert config.loaded_app is app
    return config.interface


LOOKS: dict[str, Callable[[Any], object]] = {
    "asgiref": is_double_callable,
    "sentry": looks_like_asgi3,
    "uvicorn": interface_of_uvicorn,
    "hypercorn": lambda app: (is_asgi(app), type(wrap_app(app, 0, None)) is ASGIWrapper),
    "granian": lambda app: [hasattr(app, name) for name in ("__rsgi__", "__rsgi_init__")],
    "starlette": is_async_callable,
    "inspect": inspect.iscoroutinefunction,
    "inspect call": lambda app: inspect.iscoroutinefunction(app.__call__),
    "inspect generator": lambda app: inspect.isasyncgenfunction(app.__call__),
    "parameters": lambda app: len(inspect.signature(app).parameters),
    "nature": lambda app: (callable(app), inspect.isclass(app), inspect.isfunction(app)),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("wrap", [observed, asked])
@pytest.mark.parametrize("app", APPS)
def test_looked_at(seen: Captured, app: str, wrap: Any, look: str) -> None:
    """An observed application looks like an object that is one, before and after it has served."""
    made = wrap(APPS[app]())
    expected = LOOKS[look](bare(Instance()))
    assert LOOKS[look](made) == expected
    LOOPS["asyncio"](lambda: ended(Side(bare).call(made, Side(bare).server())))
    assert LOOKS[look](made) == expected


def test_granian_is_told_the_interface() -> None:
    """It looks at nothing but the setting, whose default is another protocol."""
    default = inspect.signature(AbstractServer).parameters["interface"].default
    assert (default, Interfaces.ASGI.value) == (Interfaces.RSGI, "asgi")


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("loop", LOOPS)
def test_called(seen: Captured, loop: str, app: str) -> None:
    """Each of them answers what it answers bare; one in another one is measured once."""

    async def case(side: Side) -> object:
        server = side.server()
        outcome = await ended(side.call(APPS[app](), server))
        return outcome, server.sent

    same(seen, loop, case)


class Double:
    """An application of ASGI 2."""

    def __init__(self, scope: Any) -> None:
        """Be given the scope first."""

    async def __call__(self, receive: Any, send: Any) -> None:
        """Serve."""


#: What is no application.
NONE: dict[str, Any] = {
    "double class": Double,
    "double function": lambda scope: Double(scope),  # noqa: PLW0108 - it is a function
    "nothing": None,
    "a text": "tests.apps:make_api",
    "returns nothing": lambda *_connection: None,
    "generator": lambda *_connection: (yield),
}


@pytest.mark.parametrize("what", NONE)
@pytest.mark.parametrize("loop", ASYNCIO)
def test_refused(seen: Captured, loop: str, what: str) -> None:
    """What is no application of ASGI 3 fails with the same error when it is served."""

    async def case(side: Side) -> object:
        async def serve() -> None:
            await side.call(NONE[what], side.server())

        outcome, kind, texts, *_ = await ended(serve())
        return outcome, kind, texts

    same(seen, loop, case, lines=None)


@pytest.mark.parametrize("what", [*NONE, "function"])
def test_not_instrumented(seen: Captured, what: str) -> None:
    """`instrument` says so at once."""
    with pytest.raises(TypeError):
        kyros_obs.instrument({**NONE, "function": function}[what])

"""Starlette and FastAPI answer byte for byte as they do bare, in the same messages."""

from functools import cache
from typing import Any

import itsdangerous
import pytest
import starlette.responses

from kyros_obs.testing import Captured
from tests.answering import make_app
from tests.asking import REQUESTS
from tests.semantics import ASYNCIO, GONE, LOOPS, Side, ended, same


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of an answer is of its time or of chance."""
    monkeypatch.setattr(itsdangerous.TimestampSigner, "get_timestamp", lambda _self: 1_700_000_000)
    monkeypatch.setattr(starlette.responses, "token_hex", lambda length: "0" * 2 * length)


@cache
def application(wrap: Any) -> Any:
    """The application, bare or observed."""
    return wrap(make_app())


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(("method", "url", "headers", "chunks"), REQUESTS)
def test_answer(
    seen: Captured, loop: str, method: str, url: str, headers: dict[str, str], chunks: list[bytes]
) -> None:
    """Its messages, and what comes out of the application."""
    path, _, query = url.partition("?")
    lines = {"host": "test", **headers}
    body: list[Any] = [{"type": "http.request", "body": one, "more_body": True} for one in chunks]
    body += [{"type": "http.request", "body": b"", "more_body": False}, GONE]

    async def case(side: Side) -> object:
        server = side.server(
            *(body if method == "POST" else body[:1]),
            method=method,
            path=path,
            raw_path=path.encode(),
            query_string=query.encode(),
            headers=[(name.encode(), value.encode()) for name, value in lines.items()],
            state={"of_lifespan": "lifespan"},
        )
        app = application(side.wrap)
        outcome = await ended(app(server.scope, server.receive, server.send))
        return outcome, server.sent

    same(seen, loop, case)


@pytest.mark.parametrize("loop", ASYNCIO)  # trio has tasks go on in any order
@pytest.mark.parametrize("path", ["/stream/async", "/stream/sync", "/given/body", "/json"])
def test_client_that_leaves(seen: Captured, loop: str, path: str) -> None:
    """At once, before it has sent its body or taken the answer."""

    async def case(side: Side) -> object:
        method = "POST" if path == "/given/body" else "GET"
        server = side.server(GONE, GONE, method=method, path=path, raw_path=path.encode())
        app = application(side.wrap)
        return await ended(app(server.scope, server.receive, server.send))

    same(seen, loop, case)

"""Scopes that are not as most servers make them are measured, too."""

import asyncio
from typing import Any

import pytest

from kyros_obs.asgi import ObservabilityMiddleware
from kyros_obs.testing import Captured

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = (b"traceparent", f"00-{TRACE}-00f067aa0ba902b7-01".encode())

SCOPE = {"type": "http", "method": "GET", "path": "/"}


def serve(scope: dict[str, Any]) -> None:
    """Serve one request of this scope."""

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    async def channel(*_: object) -> Any:
        return {"type": "http.request"}

    asyncio.run(ObservabilityMiddleware(app)(scope, channel, channel))


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([TRACEPARENT], id="tuples"),
        pytest.param([list(TRACEPARENT)], id="lists"),
        pytest.param([("x", "y"), None, TRACEPARENT], id="what is no header"),
        pytest.param([(b"a", b"b", b"c"), list(TRACEPARENT)], id="three items"),
    ],
)
@pytest.mark.parametrize("kind", [list, tuple, iter])
def test_headers_of_any_shape(seen: Captured, kind: Any, headers: list[object]) -> None:
    """A header is any two items; what is none costs no more than itself."""
    serve({**SCOPE, "headers": kind(headers)})
    assert [line["trace_id"] for line in seen.access_lines()] == [TRACE]
    assert seen.metric("http_requests_total") == 1


@pytest.mark.parametrize("headers", [{}, {"headers": None}])
def test_no_headers(seen: Captured, headers: dict[str, object]) -> None:
    """A request without any is one."""
    serve({**SCOPE, **headers})
    assert seen.metric("http_requests_total") == 1

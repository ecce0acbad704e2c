"""Applications of no framework: any ASGI or WSGI callable, in the middleware itself."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from werkzeug.test import Client

import kyros_obs
from kyros_obs import asgi, wsgi
from kyros_obs.testing import Captured
from tests.clients import AsgiClient

PATHS = {"/reports/7": 200, "/reports/raises": 500, "/raises": 500, "/nowhere": 404}


async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
    """Answer as PATHS says."""
    await receive()
    kyros_obs.bind(sub="s1")
    if scope["path"].endswith("/raises"):
        raise ZeroDivisionError
    status = PATHS.get(scope["path"], 404)
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"four"})


def wsgi_app(environ: wsgi.Environ, start_response: wsgi.StartResponse) -> Iterable[bytes]:
    """The same."""
    kyros_obs.bind(sub="s1")
    if environ["PATH_INFO"].endswith("/raises"):
        raise ZeroDivisionError
    start_response(f"{PATHS.get(environ['PATH_INFO'], 404)} X", [])
    return [b"four"]


def template(path: str) -> str | None:
    """What the routes of an application's own make of a path."""
    return "/reports/{id}" if path.startswith("/reports/") else None


def call_asgi(path: str, **options: Any) -> int:
    """Send a request through ASGI."""
    app = asgi.ObservabilityMiddleware(asgi_app, **options)
    return AsgiClient(app).get(path).status_code


def call_wsgi(path: str, **options: Any) -> int:
    """Send a request through WSGI; what is raised is a 500 of the server."""
    app = wsgi.ObservabilityMiddleware(wsgi_app, **options)
    try:
        return (
            Client(app)
            .get(path, environ_base={"REMOTE_ADDR": "127.0.0.1"}, buffered=True)
            .status_code
        )
    except ZeroDivisionError:
        return 500


SIDES: dict[str, tuple[Callable[..., int], Callable[[Any], str | None]]] = {
    "asgi": (call_asgi, lambda scope: template(scope["path"])),
    "wsgi": (call_wsgi, lambda environ: template(environ["PATH_INFO"])),
}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("path", "endpoint", "size"),
    [
        ("/reports/7", "/reports/{id}", 4),
        ("/reports/raises", "/reports/{id}", 0),
        ("/raises", "_unmatched", 0),
        ("/nowhere", "_unmatched", 4),
    ],
)
def test_requests(seen: Captured, side: str, path: str, endpoint: str, size: int) -> None:
    """They count by the route that the application names, and by no path."""
    call, route = SIDES[side]
    identity = {"tenant_id": "t1"}
    assert call(path, route=route, identity=lambda _: identity) == PATHS[path]
    labels = {"endpoint": endpoint, "code": str(PATHS[path]), "tenant_id": "t1"}
    assert seen.metric("http_requests_total", **labels) == 1
    (line,) = seen.access_lines()
    assert (line["route"], line["bytes"], line["sub"]) == (endpoint, size, "s1")


@pytest.mark.parametrize("side", SIDES)
def test_own_paths(seen: Captured, side: str) -> None:
    """`/metrics` is answered unless the application has a route of that name."""
    call, _ = SIDES[side]
    assert call("/metrics") == 200
    assert call("/metrics", has_route=lambda _: True) == 404
    assert [line["status"] for line in seen.access_lines()] == [200, 404]


@pytest.mark.parametrize("side", SIDES)
def test_a_route_that_raises(seen: Captured, side: str) -> None:
    """Costs the label."""
    call, _ = SIDES[side]
    assert call("/reports/7", route=lambda _: str(1 / 0)) == 200
    assert seen.metric("http_requests_total", endpoint="_unmatched") == 1
    assert seen.metric("kyros_instrumentation_errors_total", component=side) == 1


def test_hint(seen: Captured) -> None:
    """Whoever instruments such an application is told what to do."""
    del seen
    with pytest.raises(TypeError, match="hint: put `ObservabilityMiddleware`"):
        kyros_obs.instrument(wsgi_app)

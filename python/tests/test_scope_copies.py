"""Middleware that hands on a copy of the scope doesn't hide the route or the identity."""

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Route, Router

import kyros_obs
from kyros_obs.testing import Captured
from tests.clients import AsgiClient


class Copying:
    """Pure ASGI middleware that changes nothing but a copy."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand on a copy."""
        await self.app(dict(scope), receive, send)


class Retrying(Copying):
    """Middleware that calls the application twice, and sends the second answer."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand on two copies."""
        await self.app({**scope}, receive, _swallow)
        await self.app({**scope}, receive, send)


def leaf_app() -> FastAPI:
    """An application with one route, behind middleware of its own that copies."""
    app = FastAPI()
    router = APIRouter(prefix="/deep")

    @router.get("/{leaf}")
    def leaf(request: Request, leaf: str) -> str:
        request.state.tenant_id = "t1"
        return leaf

    app.include_router(router)
    app.add_middleware(Copying)
    return app


def plain(_request: Any) -> PlainTextResponse:
    """Answer."""
    return PlainTextResponse("plain")


def whole_app(middleware: Any = Copying) -> FastAPI:
    """Copies at every level."""
    app = leaf_app()
    app.add_middleware(middleware)
    middle = FastAPI()
    middle.add_middleware(Copying)
    middle.mount("/inner/{name}", leaf_app())
    app.mount("/outer", middle)
    app.mount("/wrapped", Copying(leaf_app()))
    routes = [Route("/{id}", plain)]
    app.router.routes.append(Mount("/own", routes=routes, middleware=[Middleware(Copying)]))
    app.mount("/router", Router(routes))
    return app


@pytest.mark.parametrize("middleware", [Copying, Retrying])
@pytest.mark.parametrize(
    ("path", "status", "endpoint"),
    [
        ("/deep/x", 200, "/deep/{leaf}"),
        ("/outer/inner/acme/deep/x", 200, "/outer/inner/{name}/deep/{leaf}"),
        ("/own/7", 200, "/own/{id}"),
        ("/router/7", 200, "/router/{id}"),
        ("/wrapped/deep/x", 200, "/wrapped/deep/{leaf}"),
        ("/nowhere", 404, "_unmatched"),
        ("/outer/nowhere", 404, "_unmatched"),
        ("/healthz", 200, "/healthz"),
    ],
)
def test_label(seen: Captured, middleware: Any, path: str, status: int, endpoint: str) -> None:
    """The label is as without the copies."""
    response = AsgiClient(kyros_obs.instrument(whole_app(middleware))).get(path)
    assert response.status_code == status
    assert [line["route"] for line in seen.access_lines()] == [endpoint]
    assert seen.metric("kyros_instrumentation_errors_total") == 0


def test_identity_that_is_in_the_copy_alone(seen: Captured) -> None:
    """A `state` that did not exist when the scope was copied is read."""
    AsgiClient(kyros_obs.instrument(leaf_app())).get("/deep/x")
    assert [line["tenant_id"] for line in seen.access_lines()] == ["t1"]


def test_mounted_after_the_first_request(seen: Captured) -> None:
    """Applications that are mounted late are seen."""
    app = kyros_obs.instrument(FastAPI())
    client = AsgiClient(app)
    client.get("/nowhere")
    app.mount("/late", leaf_app())
    client.get("/late/deep/x")
    assert [line["route"] for line in seen.access_lines()] == ["_unmatched", "/late/deep/{leaf}"]


def test_host(seen: Captured) -> None:
    """A route by host leads to a router, too."""
    app = Starlette(routes=[Host("test", leaf_app())])
    AsgiClient(kyros_obs.instrument(app)).get("/deep/x")
    assert [line["route"] for line in seen.access_lines()] == ["/deep/{leaf}"]


def test_a_view_that_calls_the_application(seen: Captured) -> None:
    """A batch of requests in one request is that request, and is labelled as it."""
    app = whole_app()

    @app.post("/batch")
    async def batch(request: Request) -> str:
        scope = dict(request.scope)
        for path in ("/deep/x", "/outer/inner/acme/deep/x"):
            await app({**scope, "method": "GET", "path": path}, request.receive, _swallow)
        return "done"

    AsgiClient(kyros_obs.instrument(app)).request("POST", "/batch")
    assert [line["route"] for line in seen.access_lines()] == ["/batch"]


async def _swallow(_message: Any) -> None:
    """Take a message."""

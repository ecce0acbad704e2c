"""Ours is the outermost layer, once, whoever builds the stack and when."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.routing import Mount

import kyros_obs
from kyros_obs.asgi import ObservabilityMiddleware
from kyros_obs.testing import Captured
from tests.clients import AsgiClient

PATH = "/items/7"


def make_app() -> FastAPI:
    """A factory."""
    app = FastAPI()

    @app.get("/items/{item_id}")
    def item(item_id: int) -> int:
        kyros_obs.bind(tenant_id="8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10")
        return item_id

    return app


class Inside(BaseHTTPMiddleware):
    """Runs what is inside in a task of its own."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Hand on."""
        return await call_next(request)


def before(app: Any) -> None:
    """Instrument, then add a middleware."""
    kyros_obs.instrument(app)
    app.add_middleware(Inside)


def after(app: Any) -> None:
    """The other way around."""
    app.add_middleware(Inside)
    kyros_obs.instrument(app)


def served(app: Any) -> None:
    """Instrument what has served."""
    app.add_middleware(Inside)
    AsgiClient(app).get(PATH)
    kyros_obs.instrument(app)


def repeated(app: Any) -> None:
    """Instrument at every opportunity."""
    kyros_obs.instrument(kyros_obs.instrument(app))
    app.add_middleware(Inside)
    AsgiClient(app).get("/elsewhere")
    kyros_obs.instrument(app)


def rebuilt(app: Any) -> None:
    """Have somebody else build the stack who expects Starlette's own, and build it again."""
    kyros_obs.instrument(app)
    build = app.build_middleware_stack

    def rebuild() -> Any:
        stack = build()
        assert type(stack) is ServerErrorMiddleware
        return ServerErrorMiddleware(Inside(stack.app))

    app.build_middleware_stack = rebuild
    app.middleware_stack = app.build_middleware_stack()


@pytest.mark.parametrize("arrange", [before, after, served, repeated, rebuilt])
def test_once_and_outermost(seen: Captured, arrange: Callable[[Any], None]) -> None:
    """One line of each request, whose identity is known although a task apart has bound it."""
    app = make_app()
    arrange(app)
    AsgiClient(app).get(PATH)
    layers = list(stack(app))
    assert [isinstance(one, ObservabilityMiddleware) for one in layers].index(True) == 0
    assert sum(isinstance(one, ObservabilityMiddleware) for one in layers) == 1
    (line,) = (one for one in seen.access_lines() if one["route"] == "/items/{item_id}")
    assert line["tenant_id"]
    assert seen.metric("http_requests_total", endpoint="/items/{item_id}") == 1


def stack(app: Any) -> Any:
    """The layers of an application, from the outside."""
    layer = app.middleware_stack
    while layer is not None:
        yield layer
        layer = getattr(layer, "app", None)


def test_several_applications(seen: Captured) -> None:
    """Each is its own; what nobody has instrumented is not measured, nor is what never serves."""
    apps = [make_app(), make_app(), make_app()]
    for app in apps[:2]:
        kyros_obs.instrument(app)
        AsgiClient(app).get(PATH)
    AsgiClient(apps[2]).get(PATH)
    assert len(seen.access_lines()) == 2
    assert not isinstance(apps[2].middleware_stack, ObservabilityMiddleware)


def test_one_within_another(seen: Captured) -> None:
    """Both are instrumented, and a request is one."""
    outer = Starlette(routes=[Mount("/sub", app=kyros_obs.instrument(make_app()))])
    AsgiClient(kyros_obs.instrument(outer)).get(f"/sub{PATH}")
    assert [line["route"] for line in seen.access_lines()] == ["/sub/items/{item_id}"]


def test_a_class_of_its_own(seen: Captured) -> None:
    """A subclass that was there before, and one that is made later."""

    class Early(FastAPI):
        pass

    kyros_obs.instrument(make_app())

    class Late(Early):
        pass

    for kind in (Early, Late):
        AsgiClient(kyros_obs.instrument(kind())).get("/nowhere")
    assert len(seen.access_lines()) == 2


@pytest.mark.usefixtures("seen")
def test_a_stack_that_is_deleted() -> None:
    """It can be, once, as in any application."""
    app = kyros_obs.instrument(make_app())
    del app.middleware_stack
    with pytest.raises(AttributeError, match="middleware_stack"):
        del app.middleware_stack


def test_a_class_with_a_property_for_it(seen: Captured) -> None:
    """It goes on being asked, and told."""
    kept: list[Any] = []

    class Own(Starlette):
        @property
        def middleware_stack(self) -> Any:
            return kept[-1]

        @middleware_stack.setter
        def middleware_stack(self, stack: Any) -> None:
            kept.append(stack)

    app = kyros_obs.instrument(Own())
    assert AsgiClient(app).get("/nowhere").status_code == 404
    assert isinstance(kept[-1], ObservabilityMiddleware)
    assert len(seen.access_lines()) == 1

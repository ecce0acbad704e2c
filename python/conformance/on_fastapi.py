"""The applications as FastAPI has them."""

from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import Route

from conformance import answers
from conformance.applications import HANDLERS, mounted


def on_fastapi(**settings: Any) -> FastAPI:
    """The application that all variants are of."""
    app = FastAPI(exception_handlers=HANDLERS, **settings)
    app.add_api_route("/items/{item_id}", _item)
    for path, answer in answers.ENDPOINTS.items():
        methods = answers.METHODS.get(path, ["GET"])
        app.add_api_route(path, answer, methods=methods, response_model=None)
    for path in answers.TWICE:
        app.add_route(path, answers.text)
    app.router.routes.append(Route("/class/{key}", answers.OfClass))
    app.router.routes.extend(mounted(_sub_app(), _sub_app(within=True)))
    _include(app)
    if hasattr(app, "frontend"):
        app.frontend("/ui", directory=answers.DIRECTORY)
    return app


async def _item(item_id: int) -> int:
    return item_id


async def _leaf(leaf: str) -> str:
    return leaf


def _include(app: FastAPI) -> None:
    """Include a router, and another one by way of a third."""
    inner, outer, bare = APIRouter(prefix="/inner"), APIRouter(prefix="/outer"), APIRouter()
    inner.add_api_route("/{leaf}", _leaf)
    inner.add_route("/plain/{key}", answers.text)
    inner.mount("/mounted/{tenant}", _sub_app())
    outer.include_router(inner, prefix="/middle")
    bare.mount("/metrics", _sub_app())
    app.include_router(bare)
    app.include_router(inner, prefix="/api/v2")
    app.include_router(outer, prefix="/{region}")


def _sub_app(*, within: bool = False) -> FastAPI:
    """An application to mount, another one within it or not."""
    app, router = FastAPI(), APIRouter(prefix="/deep")
    app.add_api_route("/hello/{name}", _hello)
    router.add_api_route("/{leaf}", _leaf)
    app.include_router(router)
    if within:
        app.mount("/within/{tenant}", _sub_app())
    return app


async def _hello(name: str) -> str:
    return name

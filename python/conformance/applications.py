"""The applications, as Starlette has them; `on_fastapi.py` has them as FastAPI."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Host, Mount, Route
from starlette.staticfiles import StaticFiles

from conformance import answers

Settings = Mapping[str, Any]


async def _hand_on(request: Request, call_next: Any) -> Response:
    return cast("Response", await call_next(request))


class _CopiedScope:
    """Middleware that hands on a copy of the scope."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(dict(scope), receive, send)


#: What the applications of the table's rows are built with, by their names there.
VARIANTS: dict[str, Settings] = {
    "plain": {},
    "prefixed": {"root_path": "/proxy"},
    "base middleware": {"middleware": [Middleware(BaseHTTPMiddleware, dispatch=_hand_on)]},
    "copied scope": {"middleware": [Middleware(_CopiedScope)]},
    "cross origin": {"middleware": [Middleware(CORSMiddleware, allow_origins=["*"])]},
    "compressed": {"middleware": [Middleware(GZipMiddleware)]},
}


#: What some of them have mounted at the root, after all else.
AT_THE_ROOT: dict[str, Callable[[], Any]] = {
    "files at the root": lambda: StaticFiles(directory=answers.DIRECTORY),
    "application at the root": lambda: Starlette(routes=[Route("/hello/{name}", answers.text)]),
}


def application(framework: str, variant: str, **settings: Any) -> Starlette:
    """Build one of them; where it is Starlette's, FastAPI need not be installed."""
    app = _builder(framework)(**VARIANTS.get(variant, {}), **settings)
    if variant in AT_THE_ROOT:
        app.router.routes.append(Mount("/", AT_THE_ROOT[variant]()))
    return app


def _builder(framework: str) -> Callable[..., Starlette]:
    if framework == "starlette":
        return on_starlette
    from conformance.on_fastapi import on_fastapi  # noqa: PLC0415 - see `application`

    return on_fastapi


def on_starlette(**settings: Any) -> Starlette:
    """The application that all variants are of."""
    own = [Route(path, answer, methods=_methods(path)) for path, answer in _endpoints().items()]
    routes = [*own, *mounted(_sub_app(), _sub_app(within=True))]
    return Starlette(routes=routes, exception_handlers=HANDLERS, **settings)


HANDLERS: dict[Any, Any] = {answers.Handled: answers.handle}


def _endpoints() -> dict[str, Any]:
    return {
        "/items/{item_id}": answers.text,
        "/class/{key}": answers.OfClass,
        **dict.fromkeys(answers.TWICE, answers.text),
        **answers.ENDPOINTS,
    }


def _methods(path: str) -> list[str] | None:
    return None if path == "/class/{key}" else answers.METHODS.get(path, ["GET"])


def mounted(sub_app: Any, with_another: Any) -> list[BaseRoute]:
    """All that is mounted, of either framework."""
    return [
        Host("files.test", StaticFiles(directory=answers.DIRECTORY)),
        Host("{region}.test", sub_app),
        Mount("/mounted", with_another),
        Mount("/of/{tenant}", sub_app),
        Mount("/wrapped", GZipMiddleware(with_another)),
        Mount("/hidden", _CopiedScope(with_another)),
        Mount("/static", StaticFiles(directory=answers.DIRECTORY)),
        Mount("/wsgi", cast("Any", WSGIMiddleware)(answers.wsgi)),
        Mount("/silent", answers.silent),
        Mount("/waits", answers.waiting),
    ]


def _sub_app(*, within: bool = False) -> Starlette:
    """An application to mount, another one within it or not."""
    routes: list[BaseRoute] = [Route("/hello/{name}", answers.text)]
    if within:
        routes.append(Mount("/within/{tenant}", _sub_app()))
    return Starlette(routes=routes)

"""The label `endpoint` is the route template, whatever the application is put together from."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

import kyros_obs
from kyros_obs.testing import Captured
from tests.clients import AsgiClient


def fastapi_app(**settings: Any) -> FastAPI:
    """An application with everything that has led a peer astray."""
    app = FastAPI(**settings)

    @app.get("/items/{item_id}")
    async def item(item_id: int) -> int:
        return item_id

    @app.get("/files/{name:path}")
    def file(name: str) -> str:
        return name

    @app.get("/absent")
    def absent() -> None:
        raise HTTPException(404)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("broken")

    inner = APIRouter(prefix="/inner")

    @inner.get("/{leaf}")
    def leaf(leaf: str) -> str:
        return leaf

    outer = APIRouter(prefix="/outer")
    outer.include_router(inner, prefix="/middle")
    app.include_router(inner, prefix="/api/v2")
    app.include_router(outer, prefix="/{region}")
    app.mount("/mounted", sub_app())
    app.mount("/of/{tenant}", sub_app())
    app.mount("/static", StaticFiles(directory="."))
    app.mount("/wsgi", _Opaque())
    return app


def sub_app() -> FastAPI:
    """An application to mount."""
    app = FastAPI()
    router = APIRouter(prefix="/deep")

    @app.get("/hello/{name}")
    def hello(name: str) -> str:
        return name

    @router.get("/{leaf}")
    def leaf(leaf: str) -> str:
        return leaf

    app.include_router(router)
    return app


class _Opaque:
    """Stands for a mounted WSGI application: no routes that we could see."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("wsgi")(scope, receive, send)


CONFORMANCE = [
    ("GET", "/items/7", 200, "/items/{item_id}"),
    ("GET", "/items/seven", 422, "/items/{item_id}"),
    ("POST", "/items/7", 405, "/items/{item_id}"),
    ("HEAD", "/items/7", 405, "/items/{item_id}"),
    ("GET", "/items/7/", 307, "_unmatched"),
    ("GET", "/files/a/b/c", 200, "/files/{name}"),
    ("GET", "/absent", 404, "/absent"),
    ("GET", "/broken", 500, "/broken"),
    ("GET", "/nowhere", 404, "_unmatched"),
    ("GET", "/api/v2/inner/x", 200, "/api/v2/inner/{leaf}"),
    ("GET", "/eu/outer/middle/inner/x", 200, "/{region}/outer/middle/inner/{leaf}"),
    ("GET", "/mounted/hello/x", 200, "/mounted/hello/{name}"),
    ("GET", "/mounted/deep/x", 200, "/mounted/deep/{leaf}"),
    ("GET", "/of/acme/hello/x", 200, "/of/{tenant}/hello/{name}"),
    ("GET", "/of/acme/deep/x", 200, "/of/{tenant}/deep/{leaf}"),
    ("GET", "/static/Makefile", 200, "/static/{path}"),
    ("GET", "/static/absent", 404, "/static/{path}"),
    ("GET", "/wsgi/any/thing", 200, "/wsgi/{path}"),
    ("GET", "/docs", 200, "/docs"),
    ("GET", "/openapi.json", 200, "/openapi.json"),
    ("GET", "/healthz", 200, "/healthz"),
    ("GET", "/metrics", 200, "/metrics"),
]


@pytest.mark.parametrize(("method", "path", "status", "endpoint"), CONFORMANCE)
def test_fastapi(seen: Captured, method: str, path: str, status: int, endpoint: str) -> None:
    """FastAPI, of the version that is installed, gives the template of each kind of route."""
    check(seen, fastapi_app(), method, path, status, endpoint)


#: Newer FastAPI would rather have the server told; applications go on telling FastAPI.
told_fastapi = pytest.mark.filterwarnings("ignore:The `root_path` parameter is deprecated")


@told_fastapi
@pytest.mark.parametrize("path", ["/items/7", "/proxy/items/7"])
def test_root_path_is_no_part_of_the_template(seen: Captured, path: str) -> None:
    """A prefix that a proxy has in front of the service is not in the label."""
    check(seen, fastapi_app(root_path="/proxy"), "GET", path, 200, "/items/{item_id}")


@told_fastapi
@pytest.mark.parametrize(
    ("path", "endpoint"),
    [("/proxy/mounted/hello/x", "/mounted/hello/{name}"), ("/proxy/wsgi/x", "/wsgi/{path}")],
)
def test_root_path_with_mounts(seen: Captured, path: str, endpoint: str) -> None:
    """Below such a prefix the mount is still in the label."""
    check(seen, fastapi_app(root_path="/proxy"), "GET", path, 200, endpoint)


def test_root_path_of_the_server(seen: Captured) -> None:
    """The same where the server was told the prefix, as by `uvicorn --root-path`."""
    client = AsgiClient(instrumented(fastapi_app()), root_path="/proxy")
    assert client.get("/proxy/items/7").status_code == 200
    assert seen.metric("http_requests_total", endpoint="/items/{item_id}") == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "endpoint"),
    [
        ("GET", "/plain/7", 200, "/plain/{id}"),
        ("HEAD", "/plain/7", 200, "/plain/{id}"),
        ("POST", "/plain/7", 405, "/plain/{id}"),
        ("GET", "/nested/a/x", 200, "/nested/{group}/{id}"),
        ("GET", "/nowhere", 404, "_unmatched"),
    ],
)
def test_starlette(seen: Captured, method: str, path: str, status: int, endpoint: str) -> None:
    """Starlette alone is as good."""

    def plain(_request: Any) -> PlainTextResponse:
        return PlainTextResponse("plain")

    nested = Mount("/nested/{group}", routes=[Route("/{id}", plain)])
    app = Starlette(routes=[Route("/plain/{id}", plain), nested])
    check(seen, app, method, path, status, endpoint)


def test_two_sub_applications_keep_their_templates(seen: Captured) -> None:
    """The same application under two mounts has two labels."""
    app, shared = FastAPI(), sub_app()
    app.mount("/one", shared)
    app.mount("/two", shared)
    client = AsgiClient(instrumented(app))
    for path in ("/one/hello/x", "/two/hello/x", "/one/hello/y"):
        client.get(path)
    assert seen.metric("http_requests_total", endpoint="/one/hello/{name}") == 2
    assert seen.metric("http_requests_total", endpoint="/two/hello/{name}") == 1


def test_routes_of_one_template_are_one_series(seen: Captured) -> None:
    """A thousand raw paths make one series."""
    client = AsgiClient(instrumented(fastapi_app()))
    client.together(*[("GET", f"/items/{number}") for number in range(1000)])
    assert seen.metric("http_requests_total") == 1000
    assert len(seen.samples("http_requests_total")) == 1


@pytest.mark.parametrize("instrument_first", [True, False])
def test_when_instrument_is_called_does_not_matter(
    seen: Captured, *, instrument_first: bool
) -> None:
    """Before the routes and middleware, or after the first request: both see the 500."""
    app = FastAPI()
    steps: Iterable[Callable[[], object]] = (
        lambda: kyros_obs.instrument(app),
        lambda: app.include_router(fastapi_app().router),
    )
    for step in steps if instrument_first else reversed([*steps]):
        step()
        AsgiClient(app).get("/nowhere")
    assert AsgiClient(app).get("/broken").status_code == 500
    assert seen.metric("http_requests_total", code="500") == 1


def check(
    seen: Captured, app: Starlette, method: str, path: str, status: int, endpoint: str
) -> None:
    """One request: its answer, its label, and the same in its line."""
    assert AsgiClient(instrumented(app)).request(method, path).status_code == status
    labels = {"endpoint": endpoint, "method": method, "code": str(status)}
    assert [sample.labels["endpoint"] for sample in seen.samples("http_requests_total")] == [
        endpoint
    ]
    assert seen.metric("http_requests_total", **labels) == 1
    assert [line["route"] for line in seen.access_lines()] == [endpoint]


def instrumented(app: Starlette) -> Starlette:
    """Instrument twice, to no effect."""
    return kyros_obs.instrument(kyros_obs.instrument(app))

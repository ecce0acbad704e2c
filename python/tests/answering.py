"""An application that answers in all the ways that Starlette and FastAPI have."""

import contextvars
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any

import anyio
import anyio.lowlevel
from fastapi import (
    APIRouter,
    BackgroundTasks,
    Cookie,
    Depends,
    FastAPI,
    Form,
    HTTPException,
    Request,
    Response,
    UploadFile,
)
from fastapi.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    StreamingResponse,
)
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Host, Mount, Route
from starlette.staticfiles import StaticFiles

import kyros_obs

#: Set by dependencies and middleware, told by routes.
VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE", default="unset")

FILE = Path(__file__)


class Refusal(Exception):  # noqa: N818 - a handler answers it
    """What an exception handler answers."""


class Item(BaseModel):
    """A body that is validated."""

    name: str
    price: float = 1.5


def make_observed() -> FastAPI:
    """For a server."""
    kyros_obs.configure(service="answering", env="test")
    return kyros_obs.instrument(make_app())


def make_app() -> FastAPI:
    """All of it, with middleware around."""
    app = FastAPI(title="answering")
    add_middleware(app)
    add_handlers(app)
    app.include_router(plain)
    app.include_router(streams)
    app.include_router(given, prefix="/given")
    app.include_router(contexts, prefix="/contexts")
    app.mount("/static", StaticFiles(directory=FILE.parent), name="static")
    app.mount("/mounted", mounted())
    app.router.routes.insert(0, Host("api.{domain}", mounted(), name="host"))
    return app


def add_middleware(app: FastAPI) -> None:
    """Of all kinds."""

    async def dispatch(request: Request, call_next: RequestResponseEndpoint) -> Response:
        VARIABLE.set("by a middleware")
        request.state.of_middleware = "state"
        response = await call_next(request)
        response.headers["x-dispatched"] = VARIABLE.get()
        return response

    app.add_middleware(BaseHTTPMiddleware, dispatch=dispatch)
    app.add_middleware(GZipMiddleware, minimum_size=500)
    app.add_middleware(SessionMiddleware, secret_key="for-tests-" * 4)
    app.add_middleware(CORSMiddleware, allow_origins=["https://one.example"], max_age=60)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["test", "*.example"])


def add_handlers(app: FastAPI) -> None:
    """Of exceptions and statuses."""

    @app.exception_handler(Refusal)
    async def refused(_request: Request, error: Refusal) -> Response:
        return PlainTextResponse(f"refused: {error}", 418, {"x-handler": "own"})

    @app.exception_handler(ValueError)
    def wrong(_request: Request, error: ValueError) -> Response:
        return JSONResponse({"wrong": str(error)}, 400)

    @app.exception_handler(405)
    async def not_allowed(request: Request, _error: Exception) -> Response:
        return PlainTextResponse(f"no {request.method}", 405)


plain = APIRouter()


@plain.get("/text")
def text() -> PlainTextResponse:
    """Text, from a thread."""
    return PlainTextResponse("grün", headers={"x-own": "yes"})


@plain.api_route("/json", methods=["GET", "HEAD", "POST"])
async def json() -> dict[str, Any]:
    """JSON."""
    return {"a": [1, None, "ü"], "b": {"c": 1.5}}


@plain.get("/html", response_class=HTMLResponse)
async def html() -> str:
    """HTML that is long enough to be compressed."""
    return "<p>long</p>" * 100


@plain.get("/status/{code}")
async def status(code: int) -> Response:
    """Nothing but a status."""
    return Response(status_code=code)


@plain.get("/raise/{what}")
async def raises(what: str) -> None:
    """Errors, with and without a handler."""
    errors: dict[str, Exception] = {
        "404": HTTPException(404, "not here", {"x-why": "gone"}),
        "401": HTTPException(401),
        "refusal": Refusal("of the route"),
        "value": ValueError("wrong"),
        "runtime": RuntimeError("broken"),
        "group": ExceptionGroup("", [ValueError("one"), Refusal("two")]),
    }
    raise errors[what]


@plain.get("/redirect")
def redirect(request: Request) -> RedirectResponse:
    """Elsewhere."""
    return RedirectResponse(request.url_for("status", code=204))


@plain.get("/urls/{name}")
async def urls(request: Request, name: str) -> list[str]:
    """What the request says of itself."""
    urls = [request.url, request.base_url, request.url_for("urls", name=f"{name}2")]
    return [*map(str, urls), request.method, request.url.query, *request.scope["path_params"]]


@plain.get("/cookies")
async def cookies(response: Response, one: Annotated[str | None, Cookie()] = None) -> str | None:
    """Takes one and gives others."""
    response.set_cookie("two", "zwei", max_age=60, httponly=True, samesite="strict")
    response.set_cookie("three", "drei", path="/cookies", secure=True)
    return one


@plain.get("/session")
async def session(request: Request) -> int:
    """Counts visits in a signed cookie."""
    request.session["visits"] = request.session.get("visits", 0) + 1
    return int(request.session["visits"])


@plain.get("/state")
async def state(request: Request) -> list[Any]:
    """What middleware and lifespan have left."""
    return [request.state.of_middleware, getattr(request.state, "of_lifespan", None)]


streams = APIRouter()


@streams.get("/stream/sync")
def sync_stream() -> StreamingResponse:
    """Chunks of a generator, made in threads."""

    def chunks() -> Iterator[str]:
        yield from ("one", "", "two")

    return StreamingResponse(chunks(), media_type="text/plain")


@streams.get("/stream/async")
async def async_stream() -> StreamingResponse:
    """Chunks of an asynchronous one."""

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(3):
            await anyio.lowlevel.checkpoint()
            yield bytes([65 + number]) * 10

    return StreamingResponse(chunks())


@streams.get("/stream/broken")
async def broken_stream() -> StreamingResponse:
    """Chunks, then an error."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"begun"
        raise RuntimeError("broken within")

    return StreamingResponse(chunks())


@streams.get("/stream/events")
async def events() -> StreamingResponse:
    """Server-sent events."""

    async def chunks() -> AsyncIterator[str]:
        for number in range(2):
            yield f"event: tick\ndata: {number}\n\n"

    return StreamingResponse(chunks(), media_type="text/event-stream")


@streams.api_route("/file", methods=["GET", "HEAD"])
async def file() -> FileResponse:
    """A file, of which ranges may be asked for."""
    return FileResponse(FILE, filename="answering.py", media_type="text/x-python")


@streams.get("/background")
def background(tasks: BackgroundTasks) -> Response:
    """Goes on in a thread and on the loop when it has answered; the second one fails."""
    tasks.add_task(VARIABLE.set, "by a task")

    async def fail() -> None:
        raise RuntimeError("broken behind")

    tasks.add_task(fail)
    return Response(b"answered", background=BackgroundTask(tasks))


given = APIRouter()


@given.post("/body")
async def body(request: Request) -> Response:
    """What was sent, chunk by chunk."""
    chunks = [chunk async for chunk in request.stream()]
    return Response(repr(chunks))


@given.post("/item")
def item(item: Item, count: int = 1) -> Item:
    """A model, or 422."""
    return item.model_copy(update={"price": item.price * count})


@given.post("/form")
async def form(name: Annotated[str, Form()]) -> str:
    """A field of a form."""
    return name


@given.post("/upload")
async def upload(file: UploadFile) -> list[Any]:
    """A file of a form."""
    return [file.filename, file.content_type, file.size, (await file.read()).decode()]


contexts = APIRouter()


def set_in_thread() -> str:
    """A dependency in a thread, whose context is a copy."""
    VARIABLE.set("lost in a thread")
    return VARIABLE.get()


async def set_on_loop() -> AsyncIterator[str]:
    """One on the loop, that stays until the end."""
    token = VARIABLE.set("by a dependency")
    yield VARIABLE.get()
    VARIABLE.reset(token)


@contexts.get("/thread")
async def in_thread(found: Annotated[str, Depends(set_in_thread)]) -> list[str]:
    """What a thread leaves."""
    return [found, VARIABLE.get(), await run_in_threadpool(VARIABLE.get)]


@contexts.get("/loop")
def on_loop(found: Annotated[str, Depends(set_on_loop)]) -> list[str]:
    """What the loop leaves to a thread."""
    return [found, VARIABLE.get()]


@contexts.get("/groups")
async def groups() -> list[str]:
    """What tasks see."""
    seen: list[str] = []

    async def see(value: str) -> None:
        VARIABLE.set(value)
        await anyio.lowlevel.checkpoint()
        seen.append(VARIABLE.get())

    async with anyio.create_task_group() as tasks:
        for value in "abc":
            tasks.start_soon(see, value)
    return [*sorted(seen), VARIABLE.get()]


def mounted() -> Starlette:
    """An application in the other one."""

    class Endpoint(HTTPEndpoint):
        async def get(self, request: Request) -> Response:
            return JSONResponse([str(request.url), request.path_params, request.scope["root_path"]])

    async def inner(request: Request) -> Response:
        return JSONResponse([str(request.url_for("inner", key="x")), request.path_params])

    routes = [
        Route("/endpoint/{key}", Endpoint),
        Mount("/deeper/{tenant}", routes=[Route("/{key:int}/", inner)]),
        Route("/inner/{key}", inner, name="inner"),
    ]
    return Starlette(routes=routes)

"""Nothing of an identity survives its request: storms of two tenants, and of nobody."""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Annotated, Any

import flask
import httpx
import uvicorn
from fastapi import BackgroundTasks, Depends, FastAPI, Header, Request
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.responses import Response, StreamingResponse

import kyros_obs
from kyros_obs.context import current
from kyros_obs.testing import Captured

TENANTS = ("8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10", "1a2b3c4d-0000-4000-8000-000000000001")
NOBODY = "nobody"
#: Whose the requests of a storm are, one after the other.
WHOSE = (*TENANTS, NOBODY)
EACH = 20
DEADLINE = 30

logger = logging.getLogger(__name__)
pool = ThreadPoolExecutor(2)


def say(whose: str) -> None:
    """Write a line, and an audit row, that say whose they have to be."""
    logger.info("said", extra={"whose": whose})
    kyros_obs.audit("view_dashboard", resource=whose)


def signed_in(whose: Annotated[str, Header()]) -> str:
    """A dependency that runs in a thread, and binds who it has found."""
    if whose != NOBODY:
        kyros_obs.bind(tenant_id=whose)
    return whose


Whose = Annotated[str, Depends(signed_in)]


def api() -> FastAPI:
    """Routes of all kinds; some learn whose a request is by `bind`, others by being asked."""
    app = FastAPI()
    add_routes(app)
    add_routes_that_end_late(app)

    class Inside(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
            return await call_next(request)

    app.add_middleware(Inside)
    return kyros_obs.instrument(app, identity=of_scope)


def add_routes(app: FastAPI) -> None:
    """Give an application those that answer at once."""

    @app.get("/thread")
    def thread(whose: Whose) -> None:
        say(whose)

    @app.get("/loop")
    async def loop(whose: Whose) -> None:
        await asyncio.sleep(0.001)
        say(whose)

    @app.get("/task")
    async def task(whose: Whose) -> None:
        await asyncio.gather(*(asyncio.to_thread(say, whose) for _ in range(2)))

    @app.get("/pool")
    def in_pool(whose: Whose) -> None:
        pool.submit(copy_context().run, say, whose).result(DEADLINE)
        pool.submit(say_nothing_is_current).result(DEADLINE)

    @app.get("/asked")
    async def asked(whose: Annotated[str, Header()]) -> None:
        await asyncio.sleep(0.001)
        say(whose)

    @app.get("/broken")
    async def broken(whose: Whose) -> None:
        say(whose)
        raise RuntimeError("broken")


def add_routes_that_end_late(app: FastAPI) -> None:
    """Give it those that go on after they have answered."""

    @app.get("/background")
    def background(whose: Whose, tasks: BackgroundTasks) -> None:
        tasks.add_task(say, whose)

    @app.get("/stream")
    async def stream(whose: Whose) -> StreamingResponse:
        async def chunks() -> Any:
            for _ in range(2):
                await asyncio.sleep(0)
                say(whose)
                yield "chunk"

        return StreamingResponse(chunks())


API_PATHS = ["/thread", "/loop", "/task", "/pool", "/background", "/stream", "/asked", "/broken"]


async def of_scope(scope: Mapping[str, Any]) -> object:
    """Stands for what authentication has checked of a request of `/asked`."""
    await asyncio.sleep(0)
    whose = dict(scope["headers"])[b"whose"].decode()
    return {"tenant_id": whose} if scope["path"] == "/asked" and whose != NOBODY else None


def server() -> flask.Flask:
    """The same in Flask."""
    app = flask.Flask(__name__)

    @app.before_request
    def guard() -> None:
        whose = flask.request.headers["whose"]
        if flask.request.path == "/g" and whose != NOBODY:
            flask.g.tenant_id = whose

    @app.get("/g")
    def g() -> str:
        return said()

    @app.get("/bound")
    def bound() -> str:
        signed_in(flask.request.headers["whose"])
        return said()

    @app.get("/asked")
    def asked() -> str:
        return said()

    @app.get("/stream")
    def stream() -> flask.Response:
        whose = signed_in(flask.request.headers["whose"])

        def chunks() -> Iterator[str]:
            for _ in range(2):
                say(whose)
                yield "chunk"

        return flask.Response(chunks())

    @app.get("/broken")
    def broken() -> str:
        signed_in(flask.request.headers["whose"])
        raise RuntimeError("broken")

    return kyros_obs.instrument(app, identity=of_request)


SERVER_PATHS = ["/g", "/bound", "/asked", "/stream", "/broken"]


def said() -> str:
    """A line of the current request of Flask."""
    say(flask.request.headers["whose"])
    return "said"


def of_request(request: flask.Request) -> object:
    """Stands for what authentication has checked of a request of `/asked`."""
    whose = request.headers["whose"]
    return {"tenant_id": whose} if request.path == "/asked" and whose != NOBODY else None


def say_nothing_is_current() -> None:
    """What a thread has between requests."""
    assert current.get() is None


def storm(paths: list[str]) -> list[tuple[str, str]]:
    """Requests of all three to all paths, one beside the other."""
    return [(path, whose) for _ in range(EACH) for path in paths for whose in WHOSE]


def headers(path: str, whose: str) -> dict[str, str]:
    """Say whose a request is. The server closes the connection of one that raises."""
    return {"whose": whose, **({"connection": "close"} if path == "/broken" else {})}


def test_asgi(seen: Captured) -> None:
    """Few connections that stay open, so that each serves everybody in turn."""

    async def all_at_once(url: str) -> None:
        limits = httpx.Limits(max_connections=6, max_keepalive_connections=6)
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=DEADLINE) as client:
            requests = (
                client.get(path, headers=headers(path, whose)) for path, whose in storm(API_PATHS)
            )
            await asyncio.gather(*requests)

    with serving(api()) as url:
        asyncio.run(all_at_once(url))
    check(seen, API_PATHS)


def test_one_task(seen: Captured) -> None:
    """A task that serves one request after the other, as some servers have it."""

    async def one_by_one() -> None:
        transport = httpx.ASGITransport(app=api(), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            for path, whose in storm(API_PATHS):
                await client.get(path, headers={"whose": whose})
                say_nothing_is_current()

    asyncio.run(one_by_one())
    check(seen, API_PATHS)


def test_flask(seen: Captured) -> None:
    """Few threads, so that each serves everybody in turn; each is left with nothing."""
    app = server()

    def one(request: tuple[str, str]) -> None:
        path, whose = request
        app.test_client().get(path, headers={"whose": whose}, buffered=True)
        say_nothing_is_current()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(one, storm(SERVER_PATHS)))
    check(seen, SERVER_PATHS)


def test_flask_in_one_application_context(seen: Captured) -> None:
    """Some tests of applications have one for several requests, whose `g` is the same then."""
    app = server()
    with app.app_context():
        for whose in WHOSE:
            app.test_client().get("/asked", headers={"whose": whose}, buffered=True)
    check(seen, ["/asked"], each=1)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """A server of this process, in a thread of its own."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    began = time.monotonic()
    while not server.started:
        assert time.monotonic() - began < DEADLINE
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(DEADLINE)


def check(seen: Captured, paths: list[str], each: int = EACH) -> None:
    """Each line, row and sample is of the one whose request it came from."""
    lines = seen.lines
    by_trace: dict[str, str] = {}
    for line in lines:
        if line["message"] == "said":
            whose = line["fields"]["whose"]
            assert line["tenant_id"] == (None if whose == NOBODY else whose)
            assert by_trace.setdefault(line["trace_id"], whose) == whose
    counted = {
        (path, tenant): seen.metric("http_requests_total", endpoint=path, tenant_id=tenant)
        for path in paths
        for tenant in (*TENANTS, "_none")
    }
    assert set(counted.values()) == {each}
    for line in seen.access_lines():
        whose = by_trace.get(line["trace_id"], line["tenant_id"] or NOBODY)
        assert line["tenant_id"] == (None if whose == NOBODY else whose)
    for row in seen.audit:
        assert row["tenant_id"] == (None if row["resource"] == NOBODY else row["resource"])
    errors = [line for line in lines if line["level"] == "error"]
    assert {line["error"]["type"] for line in errors} <= {"RuntimeError"}
    assert seen.metric("kyros_instrumentation_errors_total") == 0

"""Whose request it was, where a function is asked: when, how often, and what goes before it."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID

import flask
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from starlette.responses import PlainTextResponse

import kyros_obs
from kyros_obs.asgi import ObservabilityMiddleware, Receive, Scope, Send
from kyros_obs.testing import Captured
from tests.clients import AsgiClient, call

TENANT = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10"
OTHER_TENANT = "1a2b3c4d-0000-4000-8000-000000000001"
SUB = "f8d1a1b2-1111-4222-8333-944445555666"
EMAIL = "analyst@client.example"
USER = {"sub": SUB, "email": EMAIL}
WHO = {"tenant_id": TENANT, **USER}


def api() -> FastAPI:
    """An application whose middleware leaves what it has checked where only itself looks."""
    app = FastAPI()

    @app.middleware("http")
    async def authenticate(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        if "refused" in request.query_params:
            return PlainTextResponse("not you", 401)
        request.state.checked = WHO
        return await call_next(request)

    def checked_late(request: Request) -> None:
        request.state.late = WHO

    @app.get("/data")
    def data() -> None:
        kyros_obs.audit("view_dashboard", resource="data")

    @app.get("/late")
    def late(_: Annotated[None, Depends(checked_late)]) -> None:
        return None

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("broken")

    @app.get("/state")
    def state(request: Request) -> None:
        request.state.tenant_id, request.state.user = OTHER_TENANT, {"sub": "found"}

    @app.get("/bound")
    def bound() -> None:
        kyros_obs.bind(tenant_id=OTHER_TENANT, sub="bound")

    return app


def of_middleware(scope: Scope) -> object:
    """What the middleware has left, if the request came so far."""
    return scope.get("state", {}).get("checked")


async def of_middleware_async(scope: Scope) -> object:
    """The same after a wait."""
    await asyncio.sleep(0)
    return of_middleware(scope)


FUNCTIONS = pytest.mark.parametrize("ask", [of_middleware, of_middleware_async])


@FUNCTIONS
@pytest.mark.parametrize("path", ["/data", "/late", "/nowhere"])
def test_asgi(seen: Captured, ask: Any, path: str) -> None:
    """A function is asked when middleware is through: what the route does is the caller's."""
    AsgiClient(kyros_obs.instrument(api(), identity=ask)).get(path)
    check(seen, TENANT, SUB)
    assert {row["sub"] for row in seen.audit} <= {SUB}


@FUNCTIONS
def test_unhandled(seen: Captured, ask: Any) -> None:
    """The line of an error says whose it was."""
    AsgiClient(kyros_obs.instrument(api(), identity=ask)).get("/broken")
    check(seen, TENANT, SUB)
    (error,) = (line for line in seen.lines if line["level"] == "error")
    assert (error["tenant_id"], error["sub"]) == (TENANT, SUB)


ANSWERS = [
    WHO,
    SimpleNamespace(**WHO),
    {"tenant_id": UUID(TENANT), "user": USER},
    SimpleNamespace(tenant_id=TENANT, user=SimpleNamespace(sub=UUID(SUB), email=EMAIL)),
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_shapes(seen: Captured, answer: object) -> None:
    """An answer is flat, or what the platform leaves in a request's state."""
    AsgiClient(kyros_obs.instrument(api(), identity=lambda _: answer)).get("/data")
    call(kyros_obs.instrument(flask.Flask("app"), identity=lambda _: answer), "/data")
    check(seen, TENANT, SUB)


def test_asked_again(seen: Captured) -> None:
    """A dependency may know what no middleware did."""
    answers: list[object] = []

    def ask(scope: Scope) -> object:
        answers.append(scope["state"].get("late"))
        return answers[-1]

    AsgiClient(kyros_obs.instrument(api(), identity=ask)).get("/late")
    assert answers == [None, WHO]
    check(seen, TENANT, SUB)


@pytest.mark.parametrize(
    ("path", "times"), [("/data", 2), ("/nested/deep", 2), ("/data?refused=1", 1), ("/metrics", 0)]
)
def test_asked_twice_at_most(seen: Captured, path: str, times: int) -> None:
    """However many routers a request goes through; and never about our own paths."""
    asked: list[Scope] = []
    app, inner, router = api(), FastAPI(), APIRouter()
    router.add_api_route("/deep", lambda: None)
    inner.include_router(router)
    app.mount("/nested", inner)
    AsgiClient(kyros_obs.instrument(app, identity=asked.append)).get(path)
    assert len(asked) == times
    assert seen.metric("kyros_instrumentation_errors_total") == 0


def test_once_where_it_is_answered(seen: Captured) -> None:
    """What is known isn't asked for."""
    asked: list[Scope] = []
    ask = lambda scope: asked.append(scope) or WHO  # type: ignore[func-returns-value]  # noqa: E731
    AsgiClient(kyros_obs.instrument(api(), identity=ask)).get("/data")
    assert len(asked) == 1


class Hostile:
    """An answer that can't be read."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)


def broken(_request: object) -> object:
    """A function that can't tell."""
    raise ValueError("no such user")


async def broken_async(_request: object) -> object:
    """The same on the event loop."""
    raise ValueError("no such user")


@pytest.mark.parametrize("ask", [broken, broken_async, lambda _: Hostile()])
def test_a_failure_is_counted_and_told_once(seen: Captured, ask: Any) -> None:
    """The request goes on, as nobody's."""
    client = AsgiClient(kyros_obs.instrument(api(), identity=ask))
    assert [client.get("/data").status_code for _ in range(3)] == [200, 200, 200]
    check(seen, None, None)
    assert failures(seen) == (3, 1)


@pytest.mark.parametrize("answer", ["acme", 7, ("acme", "sub"), ["acme"], {"tenant": "acme"}])
def test_what_is_no_answer(seen: Captured, answer: object) -> None:
    """It is a slip of whoever wrote the function, who would look for it elsewhere."""
    app = kyros_obs.instrument(api(), identity=lambda _: answer)
    assert AsgiClient(app).get("/data").status_code == 200
    check(seen, None, None)
    assert failures(seen) == (1, 1)
    (told,) = (line["message"] for line in seen.lines if "failed in" in (line["message"] or ""))
    assert f"a `{type(answer).__name__}`, has none of `tenant_id`, `tenant_slug`" in told


@pytest.mark.parametrize("answer", [{}, {"user": None}, {"sub": None}, SimpleNamespace(user=None)])
def test_nobody(seen: Captured, answer: object) -> None:
    """An answer may say so."""
    AsgiClient(kyros_obs.instrument(api(), identity=lambda _: answer)).get("/data")
    check(seen, None, None)
    assert failures(seen) == (0, 0)


@pytest.mark.parametrize("ask", [broken, broken_async, of_middleware_async, lambda _: Hostile()])
def test_a_failure_in_flask(seen: Captured, ask: Any) -> None:
    """The same; and Flask can't wait for an answer."""
    app = kyros_obs.instrument(server(), identity=ask)
    assert [call(app, "/data").status_code for _ in range(3)] == [200, 200, 200]
    check(seen, None, None)
    assert failures(seen) == (3, 1)


@pytest.mark.parametrize(
    ("path", "tenant", "sub"),
    [("/state", OTHER_TENANT, "found"), ("/bound", OTHER_TENANT, "bound")],
)
def test_what_goes_before(seen: Captured, path: str, tenant: str, sub: str) -> None:
    """`bind`, then the state, then the function: a person is never mixed of two."""
    app = kyros_obs.instrument(api(), identity=lambda _: {**WHO, "tenant_slug": "acme"})
    AsgiClient(app).get(path)
    check(seen, tenant, sub)


def test_a_later_call_may_name_the_function(seen: Captured) -> None:
    """An application may have been instrumented for it before, by Dash's hook or a factory."""
    app = kyros_obs.instrument(api())
    AsgiClient(app).get("/data")
    kyros_obs.instrument(app, identity=of_middleware)
    kyros_obs.instrument(app, identity=broken)
    AsgiClient(app).get("/data")
    assert [line["tenant_id"] for line in seen.access_lines()] == [None, TENANT]
    web = kyros_obs.instrument(kyros_obs.instrument(server()), identity=lambda _: WHO)
    call(web, "/data")
    assert seen.access_lines()[-1]["tenant_id"] == TENANT


def test_each_application_asks_its_own(seen: Captured) -> None:
    """Several in one process have nothing of each other."""
    one = kyros_obs.instrument(api(), identity=lambda _: {"tenant_id": TENANT})
    other = kyros_obs.instrument(api(), identity=lambda _: {"tenant_id": OTHER_TENANT})
    none = kyros_obs.instrument(api())
    for app in (one, other, none):
        AsgiClient(app).get("/data")
    found = [line["tenant_id"] for line in seen.access_lines()]
    assert found == [TENANT, OTHER_TENANT, None]


def test_any_asgi_application(seen: Captured) -> None:
    """One that is neither Starlette nor FastAPI is asked about as it ends."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["checked"] = WHO
        await PlainTextResponse("fine")(scope, receive, send)

    observed = ObservabilityMiddleware(app, identity=lambda scope: scope.get("checked"))
    AsgiClient(observed).get("/")
    check(seen, TENANT, SUB)


def server() -> flask.Flask:
    """A guard that leaves what it has checked where only itself looks."""
    app = flask.Flask(__name__)

    @app.before_request
    def guard() -> tuple[str, int] | None:
        if "refused" in flask.request.args:
            return "not you", 403
        flask.g.checked = WHO
        return None

    @app.get("/data")
    def data() -> str:
        kyros_obs.audit("view_dashboard", resource="data")
        return "data"

    @app.get("/late")
    def late() -> str:
        flask.g.late = WHO
        return "late"

    @app.get("/g")
    def g() -> str:
        flask.g.tenant_id, flask.g.user = OTHER_TENANT, {"sub": "found"}
        return "g"

    return app


def test_flask(seen: Captured) -> None:
    """It is given Flask's request, when all guards have let it in."""

    def ask(request: flask.Request) -> object:
        assert type(request) is flask.Request
        return flask.g.checked if request.path == "/data" else None

    call(kyros_obs.instrument(server(), identity=ask), "/data")
    check(seen, TENANT, SUB)
    assert [(row["tenant_id"], row["sub"]) for row in seen.audit] == [(TENANT, SUB)]


def test_flask_asked_again(seen: Captured) -> None:
    """A decorator of the view may know what no guard did; one that was refused has ended."""
    app = kyros_obs.instrument(server(), identity=lambda _: flask.g.get("late"))
    call(app, "/late")
    check(seen, TENANT, SUB)
    call(app, "/data?refused=1")
    assert seen.access_lines()[-1]["tenant_id"] is None
    assert seen.metric("kyros_instrumentation_errors_total") == 0


def test_flask_g_goes_before(seen: Captured) -> None:
    """What a view has put there is whose it is."""
    app = kyros_obs.instrument(server(), identity=lambda _: WHO)
    call(app, "/g")
    check(seen, OTHER_TENANT, "found")


def failures(seen: Captured) -> tuple[float, int]:
    """How often the identity failed, and how often that was told."""
    told = [line for line in seen.lines if "instrumentation failed" in (line["message"] or "")]
    return seen.metric("kyros_instrumentation_errors_total", component="identity"), len(told)


def check(seen: Captured, tenant_id: str | None, sub: str | None) -> None:
    """All requests were that tenant's and that person's, in samples and lines."""
    labels = {sample.labels["tenant_id"] for sample in seen.samples("http_requests_total")}
    assert labels == {tenant_id or "_none"}
    found = {(line["tenant_id"], line["sub"]) for line in seen.access_lines()}
    assert found == {(tenant_id, sub)}
    assert EMAIL not in "".join(seen.runtime.lines()) + seen.exposition

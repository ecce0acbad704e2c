"""Whose request it was: from validated identity only, wherever the service learns it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID

import flask
import pytest
from fastapi import Depends, FastAPI, Request, Response

import kyros_obs
from kyros_obs.testing import Captured
from tests.clients import AsgiClient, call

TENANT = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10"
OTHER_TENANT = "1a2b3c4d-0000-4000-8000-000000000001"
SUB = "f8d1a1b2-1111-4222-8333-944445555666"
EMAIL = "analyst@client.example"


def app_with_state(user: object, tenant_id: object) -> FastAPI:
    """An authenticating middleware, as the platform's monolith has one."""
    app = FastAPI()

    @app.middleware("http")
    async def authenticate(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        request.state.user = user
        request.state.tenant_id = tenant_id
        return await call_next(request)

    @app.get("/data/{tenant_id}")
    def data(tenant_id: str) -> str:
        return tenant_id

    return app


USERS = [
    {"sub": SUB, "email": EMAIL},
    SimpleNamespace(sub=SUB, email=EMAIL),
    SimpleNamespace(sub=UUID(SUB), email=EMAIL),
]


@pytest.mark.parametrize("user", USERS, ids=["mapping", "object", "uuid"])
def test_request_state(seen: Captured, user: object) -> None:
    """`request.state.tenant_id` and `.user`, a mapping or an object, are read."""
    AsgiClient(kyros_obs.instrument(app_with_state(user, TENANT))).get("/data/x")
    check(seen, TENANT, SUB)


def test_request_state_tenant_as_uuid(seen: Captured) -> None:
    """A tenant that is a `UUID` object is as good as its text."""
    AsgiClient(kyros_obs.instrument(app_with_state(USERS[0], UUID(TENANT)))).get("/data/x")
    check(seen, TENANT, SUB)


def bind_here() -> None:
    """What a dependency does that has checked a token."""
    kyros_obs.bind(tenant_id=TENANT, sub=SUB, email=EMAIL)


async def bind_here_async() -> None:
    """The same on the event loop."""
    await asyncio.sleep(0)
    bind_here()


@pytest.mark.parametrize("dependency", [bind_here, bind_here_async], ids=["thread", "loop"])
def test_dependency(seen: Captured, dependency: Callable[[], object]) -> None:
    """What a dependency binds reaches the request, from a worker thread too."""
    app = FastAPI()

    @app.get("/data/{tenant_id}")
    def data(_bound: Annotated[None, Depends(dependency)]) -> None:
        return None

    AsgiClient(kyros_obs.instrument(app)).get("/data/x")
    check(seen, TENANT, SUB)


def test_bind_wins_over_state(seen: Captured) -> None:
    """A route that binds another tenant than the middleware found is right."""
    app = app_with_state({"sub": "somebody", "email": None}, OTHER_TENANT)

    @app.get("/bound")
    def bound() -> None:
        bind_here()

    AsgiClient(kyros_obs.instrument(app)).get("/bound")
    check(seen, TENANT, SUB)


def test_bind_keeps_what_it_does_not_name(seen: Captured) -> None:
    """A service may learn the user first and the tenant later."""
    app = FastAPI()

    @app.get("/bound")
    def bound() -> None:
        kyros_obs.bind(sub=SUB, email=EMAIL)
        kyros_obs.bind(tenant_id=TENANT)

    AsgiClient(kyros_obs.instrument(app)).get("/bound")
    check(seen, TENANT, SUB)


FORGED: Mapping[str, Any] = {
    "headers": {
        "X-Tenant-Id": TENANT,
        "tenant_id": TENANT,
        "Authorization": "Bearer forged",
        "Cookie": f"tenant_id={TENANT}; sub={SUB}",
    },
    "params": {"tenant_id": TENANT, "sub": SUB},
}


def test_nothing_a_client_chose_is_an_identity(seen: Captured) -> None:
    """Path, query, headers and cookies that name a tenant name nobody."""
    app = FastAPI()

    @app.get("/data/{tenant_id}/{sub}")
    def data(tenant_id: str, sub: str) -> None:
        assert (tenant_id, sub) == (TENANT, SUB)

    AsgiClient(kyros_obs.instrument(app)).get(f"/data/{TENANT}/{SUB}", **FORGED)
    check(seen, None, None)


def test_nothing_leaks_into_the_next_request(seen: Captured) -> None:
    """A request without identity stays so after, and beside, requests with one."""
    app = FastAPI()

    @app.get("/bound")
    async def bound() -> None:
        bind_here()
        await asyncio.sleep(0.01)

    @app.get("/free")
    async def free() -> None:
        await asyncio.sleep(0.005)

    client = AsgiClient(kyros_obs.instrument(app))
    client.together(*[("GET", "/bound"), ("GET", "/free")] * 20)
    client.get("/free")
    assert {(line["route"], line["tenant_id"]) for line in seen.access_lines()} == {
        ("/bound", TENANT),
        ("/free", None),
    }


def test_bind_after_a_request_reaches_none(seen: Captured) -> None:
    """Outside of a request `bind` does nothing."""
    app = app_with_state(None, None)
    bind_here()
    AsgiClient(kyros_obs.instrument(app)).get("/data/x")
    bind_here()
    check(seen, None, None)


def test_hostile_state(seen: Captured) -> None:
    """A user object that raises on everything costs the identity, not the request."""

    class Hostile:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError(name)

        def __str__(self) -> str:
            raise RuntimeError

    app = app_with_state(Hostile(), Hostile())
    assert AsgiClient(kyros_obs.instrument(app)).get("/data/x").status_code == 200
    assert len(seen.access_lines()) == 1


def flask_app(**about: object) -> flask.Flask:
    """A guard that leaves what it knows in `flask.g`, as the platform's Dash applications have."""
    app = flask.Flask(__name__)

    @app.before_request
    def guard() -> tuple[str, int] | None:
        for name, value in about.items():
            setattr(flask.g, name, value)
        return ("not you", 403) if flask.request.args.get("refused") else None

    @app.get("/data")
    def data() -> str:
        kyros_obs.audit("view_dashboard", resource="data")
        return "data"

    @app.get("/bound")
    def bound() -> str:
        kyros_obs.bind(tenant_id=TENANT)
        return "bound"

    return app


@pytest.mark.parametrize("user", USERS, ids=["mapping", "object", "uuid"])
def test_flask_g(seen: Captured, user: object) -> None:
    """`g.tenant_id` and `g.user` are read, before the view runs."""
    call(kyros_obs.instrument(flask_app(tenant_id=TENANT, user=user)), "/data")
    check(seen, TENANT, SUB)
    assert [(row["tenant_id"], row["sub"]) for row in seen.audit] == [(TENANT, SUB)]


def test_flask_g_of_a_request_that_a_guard_refused(seen: Captured) -> None:
    """What the guard knew of a caller that it refused is in the line."""
    app = kyros_obs.instrument(flask_app(tenant_id=TENANT, user=USERS[0]))
    call(app, "/data?refused=1")
    check(seen, TENANT, SUB)


def test_flask_bind_wins(seen: Captured) -> None:
    """`bind` is stronger than `flask.g`, and what it leaves out comes from there."""
    app = kyros_obs.instrument(flask_app(tenant_id=OTHER_TENANT, user=USERS[0]))
    call(app, "/bound")
    check(seen, TENANT, SUB)


def whose_request() -> dict[str, object]:
    """The function that the setting names; it may use Flask's request."""
    assert flask.request.path == "/data"
    return {"tenant_id": TENANT, "sub": SUB, "email": EMAIL}


def test_identity_setting() -> None:
    """`KYROS_OBS_IDENTITY` names a function for services that use neither."""
    with kyros_obs.testing.capture(identity=f"{__name__}:whose_request") as seen:
        call(kyros_obs.instrument(flask_app()), "/data")
        check(seen, TENANT, SUB)


asked: list[str] = []


def nobody_knows() -> None:
    """A function that checks a token which it can't read."""
    asked.append(flask.request.path)
    raise ValueError("no token")


def test_identity_setting_that_raises_is_asked_once() -> None:
    """It may be dear, and says the same again."""
    asked.clear()
    with kyros_obs.testing.capture(identity=f"{__name__}:nobody_knows") as seen:
        call(kyros_obs.instrument(flask_app()), "/data")
        check(seen, None, None)
        assert asked == ["/data"]
        assert seen.metric("kyros_instrumentation_errors_total", component="identity") == 1


def test_flask_forged(seen: Captured) -> None:
    """Nothing a client chose is an identity in Flask either."""
    app = kyros_obs.instrument(flask_app())
    call(app, f"/data?tenant_id={TENANT}", headers=FORGED["headers"])
    check(seen, None, None)


def check(seen: Captured, tenant_id: str | None, sub: str | None) -> None:
    """Sample and line of the one request agree on the tenant; no e-mail address is anywhere."""
    labels = [sample.labels["tenant_id"] for sample in seen.samples("http_requests_total")]
    assert labels == [tenant_id or "_none"]
    assert [(line["tenant_id"], line["sub"]) for line in seen.access_lines()] == [(tenant_id, sub)]
    assert EMAIL not in "".join(seen.runtime.lines()) + seen.exposition

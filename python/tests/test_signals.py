"""`event`, `audit` and `observe` in and outside of requests."""

import asyncio
import gc
import inspect
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import UUID

import pytest
from fastapi import Depends, FastAPI, HTTPException

import kyros_obs
from kyros_obs import AuditError, vocabulary
from kyros_obs.testing import Captured
from tests.clients import AsgiClient

TENANT = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10"
SUB = "f8d1a1b2-1111-4222-8333-944445555666"
EMAIL = "analyst@client.example"


def serve(function: Any) -> AsgiClient:
    """An application with one route."""
    app = FastAPI()
    app.get("/")(function)
    return AsgiClient(kyros_obs.instrument(app))


@pytest.mark.parametrize(("outcome", "action"), [("success", "login"), ("failure", "login_failed")])
def test_event_is_line_counter_and_audit_row(seen: Captured, outcome: str, action: str) -> None:
    """A login is counted, logged, and recorded under the action that the schema names."""
    kyros_obs.event("login", outcome=outcome, method="password")
    (line,) = seen.lines
    assert (line["event"], line["outcome"], line["fields"]) == (
        "login",
        outcome,
        {"method": "password"},
    )
    labels = {"event": "login", "outcome": outcome, "tenant_id": "_none"}
    assert seen.metric("kyros_events_total", **labels) == 1
    assert [row["action"] for row in seen.audit] == [action]


def test_event_about_somebody_who_is_not_known() -> None:
    """A failed login tells which account was tried, by hash and domain, and names nobody."""
    with kyros_obs.testing.capture(pii_key="0123456789abcdef") as seen:
        kyros_obs.event("login", outcome="failure", email=EMAIL, method="password")
        kyros_obs.event("login", outcome="failure", email="no address")
        line, other = seen.lines
        row = seen.audit[0]
        assert line["email_domain"] == row["email_domain"] == "client.example"
        assert line["email_hash"] == row["email_hash"]
        assert len(line["email_hash"]) == 64
        assert (row["email"], row["sub"]) == (None, None)
        assert line["fields"] == row["meta"] == {"method": "password"}
        assert (other["email_hash"], other["email_domain"]) == (None, None)
        seen.assert_no_leak(EMAIL)


def test_event_of_the_service_itself(seen: Captured) -> None:
    """A name that the schema doesn't have is counted and logged, and no audit row."""
    kyros_obs.event("report_exported")
    assert seen.metric("kyros_events_total", event="report_exported", outcome="success") == 1
    assert seen.audit == []


def test_event_in_a_request_has_its_identity(seen: Captured) -> None:
    """What was bound before is in line, counter and row."""

    def route() -> None:
        kyros_obs.bind(tenant_id=TENANT, sub=SUB, email=EMAIL)
        kyros_obs.event("token_exchange")

    serve(route).get("/")
    assert seen.metric("kyros_events_total", tenant_id=TENANT) == 1
    (row,) = seen.audit
    assert (row["tenant_id"], row["sub"], row["email"]) == (TENANT, SUB, EMAIL)


def test_event_whose_action_may_not_go_without(seen: Captured) -> None:
    """Where a critical action can't be recorded its caller sees it; what else fails is counted."""
    spool = Path(seen.runtime.setting("spool_dir") or "")
    shutil.rmtree(spool)
    spool.write_text("no directory")
    with pytest.raises(AuditError):
        kyros_obs.event("token_exchange")
    kyros_obs.event("login")
    assert seen.metric("kyros_events_total") == 2
    spool.unlink()
    spool.mkdir()


def test_audit(seen: Captured) -> None:
    """An action is on disk when `audit` returns."""
    receipt = kyros_obs.audit("view_dashboard", resource="clv", page="/tail")
    (row,) = seen.audit
    assert receipt is not None
    assert (row["action"], row["resource"], row["outcome"]) == ("view_dashboard", "clv", "success")
    assert row["meta"] == {"page": "/tail"}
    assert row["service"] == "test"
    assert row["env"] == "test"


def test_unknown_action_is_recorded_and_flagged(seen: Captured) -> None:
    """It is never lost."""
    kyros_obs.audit("invent_something")
    assert [(row["action"], row["known_action"]) for row in seen.audit] == [
        ("invent_something", False)
    ]
    assert seen.metric("kyros_audit_unknown_actions_total") == 1


def test_observe_enriches_the_request(seen: Captured) -> None:
    """Name and fields are in the access line; the audit row says how it ended."""

    @kyros_obs.observe("recalculate", audit="view_dashboard", resource="clv", rows=3)
    def route() -> str:
        return "done"

    assert serve(route).get("/").json() == "done"
    (line,) = seen.access_lines()
    assert line["fields"] == {"observed": "recalculate", "rows": 3}
    assert [(row["outcome"], row["resource"]) for row in seen.audit] == [("success", "clv")]


def test_observe_without_parentheses(seen: Captured) -> None:
    """It is the function that is observed, by its own name; FastAPI sees its parameters."""

    @kyros_obs.observe
    async def route(number: int = 3) -> int:
        return number + 1

    assert serve(route).get("/?number=7").json() == 8
    (line,) = seen.access_lines()
    assert line["fields"]["observed"].endswith("route")


@pytest.mark.parametrize("resource", [7, UUID(TENANT), "7"])
def test_audit_of_a_row(seen: Captured, resource: object) -> None:
    """What somebody has done isn't lost for its resource being a number."""
    kyros_obs.audit("view_dashboard", resource=resource)
    assert [row["resource"] for row in seen.audit] == [str(resource)]


def test_observe_records_failure(seen: Captured) -> None:
    """A function that raises has failed, and its exception is the caller's."""

    @kyros_obs.observe(audit="save_preferences")
    async def route() -> None:
        await asyncio.sleep(0)
        raise HTTPException(409)

    assert serve(route).get("/").status_code == 409
    assert [row["outcome"] for row in seen.audit] == ["failure"]


def test_observe_outside_of_a_request(seen: Captured) -> None:
    """A plain call of the function works, and only its audit row is left."""

    @kyros_obs.observe(audit="reload_cache")
    def task(number: int) -> int:
        return number + 1

    assert task(1) == 2
    assert seen.lines == []
    assert len(seen.audit) == 1


def test_observe_keeps_what_a_function_is() -> None:
    """Name, signature with resolved annotations, and being a coroutine function stay."""

    async def route(number: "int") -> "str":
        """Documented."""
        return str(number)

    observed = kyros_obs.observe("x")(route)
    assert inspect.iscoroutinefunction(observed)
    assert observed.__name__ == "route"
    assert observed.__doc__ == "Documented."
    assert inspect.signature(observed).parameters["number"].annotation is int


def test_observe_with_parameters_that_fastapi_resolves(seen: Captured) -> None:
    """A framework that reads the signature gets the observed function's own."""

    @kyros_obs.observe("x")
    def route(number: "int" = 3) -> "int":
        return number + 1

    assert serve(route).get("/?number=7").json() == 8
    assert len(seen.access_lines()) == 1


def test_names_of_the_schema(seen: Captured) -> None:
    """They are there to be imported, and as types to be completed."""
    kyros_obs.audit(vocabulary.ACTION_VIEW_DASHBOARD, outcome=vocabulary.OUTCOME_DENIED)
    assert [(row["action"], row["outcome"]) for row in seen.audit] == [("view_dashboard", "denied")]
    parameters = inspect.signature(kyros_obs.event, eval_str=True).parameters
    assert parameters["name"].annotation == vocabulary.EventName | str


def rows(seen: Captured) -> list[str]:
    """How each audit row says that it ended."""
    return [row["outcome"] for row in seen.audit]


def test_observe_a_generator(seen: Captured) -> None:
    """The row is written when it ends, not when it is made; what it is sent and returns passes."""

    @kyros_obs.observe(audit="view_dashboard")
    def numbers(first: int) -> Generator[int, str, str]:
        got = yield first
        return got + (yield first + 1)

    assert inspect.isgeneratorfunction(numbers)
    running = numbers(0)
    assert rows(seen) == []
    assert next(running) == 0
    assert running.send("a") == 1
    assert rows(seen) == []
    with pytest.raises(StopIteration) as ended:
        running.send("b")
    assert ended.value.value == "ab"
    assert rows(seen) == ["success"]
    next(numbers(0))
    gc.collect()
    assert rows(seen) == ["success", "success"]


def test_observe_a_generator_that_raises(seen: Captured) -> None:
    """What is thrown into it, and what it raises, is a failure; what it catches is none."""

    @kyros_obs.observe(audit="view_dashboard")
    def careful() -> Iterator[str]:
        try:
            yield "one"
        except KeyError:
            yield "caught"
        raise ValueError("at the end")

    running = careful()
    next(running)
    assert cast("Generator[str]", running).throw(KeyError) == "caught"
    with pytest.raises(ValueError, match="at the end"):
        next(running)
    assert rows(seen) == ["failure"]


def test_observe_an_asynchronous_generator(seen: Captured) -> None:
    """The same; what it is sent and what is thrown into it arrives where it yields."""
    arrived: list[object] = []

    @kyros_obs.observe(audit="view_dashboard")
    async def numbers() -> AsyncGenerator[int, str]:
        try:
            arrived.append((yield 1))
            yield 2
        except KeyError:
            yield 3
        finally:
            arrived.append("closed")

    async def use() -> None:
        running = numbers()
        assert rows(seen) == []
        assert await anext(running) == 1
        assert await running.asend("sent") == 2
        assert await running.athrow(KeyError) == 3
        with pytest.raises(StopAsyncIteration):
            await anext(running)
        assert rows(seen) == ["success"]
        running = numbers()
        await anext(running)
        with pytest.raises(ValueError, match="thrown"):
            await running.athrow(ValueError("thrown"))
        assert rows(seen) == ["success", "failure"]
        running = numbers()
        await anext(running)
        await running.aclose()

    assert inspect.isasyncgenfunction(numbers)
    asyncio.run(use())
    assert arrived == ["sent", "closed", "closed", "closed"]
    assert rows(seen) == ["success", "failure", "success"]


@pytest.mark.parametrize("raises", [False, True])
def test_observe_a_dependency_with_yield(seen: Captured, *, raises: bool) -> None:
    """FastAPI throws what a route raises into its dependencies, so that they can roll back."""
    rolled_back: list[str] = []

    @kyros_obs.observe(audit="save_preferences")
    async def session() -> AsyncIterator[str]:
        try:
            yield "session"
        except HTTPException:
            rolled_back.append("rolled back")
            raise

    app = FastAPI()

    @app.get("/")
    def root(session: Annotated[str, Depends(session)]) -> str:
        kyros_obs.bind(tenant_id=TENANT)
        if raises:
            raise HTTPException(409)
        return session

    response = AsgiClient(kyros_obs.instrument(app)).get("/")
    assert response.status_code == (409 if raises else 200)
    assert rolled_back == ["rolled back"] * raises
    assert [(row["outcome"], row["tenant_id"]) for row in seen.audit] == [
        ("failure" if raises else "success", TENANT)
    ]


def test_observe_a_generator_that_is_closed_elsewhere(seen: Captured) -> None:
    """Its row belongs to the request that it began in, whoever drops it."""
    kept: list[Any] = []

    @kyros_obs.observe(audit="view_dashboard")
    def numbers() -> Iterator[int]:
        yield from range(3)

    app = FastAPI()

    @app.get("/begin")
    def begin() -> None:
        kyros_obs.bind(tenant_id=TENANT)
        kept.append(numbers())
        next(kept[0])

    @app.get("/drop")
    def drop() -> None:
        kyros_obs.bind(tenant_id="another")
        kept.clear()

    client = AsgiClient(kyros_obs.instrument(app))
    client.get("/begin")
    client.get("/drop")
    assert [row["tenant_id"] for row in seen.audit] == [TENANT]

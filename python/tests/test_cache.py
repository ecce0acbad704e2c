"""Looks into a cache, counted by what they came to and for the tenant that makes them."""

import asyncio
import functools
from collections.abc import Awaitable, Callable

import pytest
from fastapi import FastAPI

import kyros_obs
from kyros_obs import _native, testing
from tests.clients import AsgiClient

VALUES = {"a": "1", "zero": 0, "empty": ""}


def counted(seen: testing.Captured, result: str, tenant: str = "_none") -> float:
    """The counts of the cache of these tests."""
    return seen.metric("cache_requests_total", cache="values", result=result, tenant_id=tenant)


def test_each_result_counts(seen: testing.Captured) -> None:
    """Under the names of the service and the cache."""
    cache = kyros_obs.cache("values")
    cache.hit()
    cache.hit()
    cache.miss()
    cache.error()
    assert [counted(seen, result) for result in ("hit", "miss", "error")] == [2, 1, 1]
    assert seen.samples("cache_requests_total", service="test")


def get(key: str) -> object:
    """Look up, and fail for one key."""
    if key == "broken":
        raise ConnectionError(key)
    return VALUES.get(key)


async def get_later(key: str) -> object:
    """The same, awaited."""
    await asyncio.sleep(0)
    return get(key)


class Client:
    """As `redis.asyncio` does it: a plain method whose result is awaited."""

    def get(self, key: str) -> Awaitable[object]:
        """Look up."""
        return get_later(key)


def run(function: Callable[[str], Awaitable[object]]) -> Callable[[str], object]:
    """A function that waits for what another one returns."""

    async def wait(key: str) -> object:
        return await function(key)

    return lambda key: asyncio.run(wait(key))


@pytest.mark.parametrize(
    "look",
    [
        lambda cache: cache.lookup(get),
        lambda cache: run(cache.lookup(get_later)),
        lambda cache: run(cache.lookup(Client().get)),
        lambda cache: cache.lookup(functools.partial(get)),
    ],
    ids=["plain", "coroutine", "awaitable", "partial"],
)
def test_a_function_is_counted_by_what_it_returns(
    seen: testing.Captured, look: Callable[[kyros_obs.Cache], Callable[[str], object]]
) -> None:
    """None is a miss; what is false and is there is a hit; what is raised is seen."""
    function = look(kyros_obs.cache("values"))
    assert [function(key) for key in ("a", "zero", "empty", "absent")] == ["1", 0, "", None]
    with pytest.raises(ConnectionError):
        function("broken")
    assert [counted(seen, result) for result in ("hit", "miss", "error")] == [3, 1, 1]
    seen.assert_no_leak("absent", "broken")


def test_a_look_that_is_given_up_is_none_of_the_three(seen: testing.Captured) -> None:
    """Its task was cancelled."""

    async def forever(_key: str) -> None:
        await asyncio.sleep(60)

    async def give_up() -> None:
        look = asyncio.ensure_future(kyros_obs.cache("values").lookup(forever)("a"))
        await asyncio.sleep(0)
        look.cancel()
        with pytest.raises(asyncio.CancelledError):
            await look

    asyncio.run(give_up())
    assert seen.samples("cache_requests_total") == []


def test_looks_are_of_the_tenant_of_their_request(seen: testing.Captured) -> None:
    """Also where authentication alone has left it."""
    app = FastAPI()
    cache = kyros_obs.cache("values")

    @app.get("/{tenant}")
    def read(tenant: str) -> None:
        kyros_obs.bind(tenant_id=tenant)
        cache.hit()

    client = AsgiClient(kyros_obs.instrument(app))
    for tenant in ("t1", "t2", "t2"):
        client.get(f"/{tenant}")
    assert (counted(seen, "hit", "t1"), counted(seen, "hit", "t2")) == (1, 2)


def test_a_failure_of_ours_is_not_the_caller_s(
    seen: testing.Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is counted, and the look goes on."""

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(_native, "cache_request", fail)
    assert kyros_obs.cache("values").lookup(get)("a") == "1"
    assert seen.metric("kyros_instrumentation_errors_total", component="cache") == 1


def test_without_a_runtime_nothing_is_counted() -> None:
    """And nothing is made for it."""
    kyros_obs.cache("values").hit()

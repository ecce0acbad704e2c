"""Looks into a cache, counted by what they came to.

tenants = kyros_obs.cache("tenants")
read = tenants.lookup(redis.get)
found = read(key)                       # None counts as a miss
"""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar, cast

from kyros_obs import _native, _state
from kyros_obs._guard import Guard
from kyros_obs._vocabulary import RESULT_ERROR, RESULT_HIT, RESULT_MISS, ResultValue
from kyros_obs.context import waiting

P = ParamSpec("P")
R = TypeVar("R")

_guard = Guard("cache")


class Cache:
    """A cache by the name that its counts have as the label `cache`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        """Name it; nothing is counted yet."""
        self.name = name

    def hit(self) -> None:
        """Count a look that found something."""
        self._count(RESULT_HIT)

    def miss(self) -> None:
        """Count a look that found nothing."""
        self._count(RESULT_MISS)

    def error(self) -> None:
        """Count a look that failed."""
        self._count(RESULT_ERROR)

    def lookup(self, function: Callable[P, R]) -> Callable[P, R]:
        """Count each call of a function that looks into the cache, also of one that is awaited.

        What it returns is a hit and None is a miss; what it raises is an error, and is raised. A
        look that is given up by its task is none of the three.
        """

        @functools.wraps(function)
        def look(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                found = function(*args, **kwargs)
            except Exception:
                self.error()
                raise
            if inspect.isawaitable(found):
                return cast("R", self._awaited(found))
            self._found(found)
            return found

        return look

    async def _awaited(self, look: Awaitable[R]) -> R:
        try:
            found = await look
        except Exception:
            self.error()
            raise
        self._found(found)
        return found

    def _found(self, found: object) -> None:
        self._count(RESULT_MISS if found is None else RESULT_HIT)

    def _count(self, result: ResultValue) -> None:
        with _guard:
            runtime = _state.active()
            if runtime is not None:
                _native.cache_request(runtime, self.name, result, waiting())


def cache(name: str) -> Cache:
    """Name a cache whose looks are counted, for the tenant of the request that makes them.

    Args:
        name: The label `cache`; one of few names, never a key.
    """
    return Cache(name)

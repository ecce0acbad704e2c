"""What the SDK answers itself: `/metrics` and `/healthz`."""

from collections.abc import Iterable
from typing import NamedTuple

from kyros_obs._native import Runtime
from kyros_obs._vocabulary import (
    METHOD_GET,
    METHOD_HEAD,
    PROBE_HEALTHZ,
    PROBE_METRICS,
    SETTING_HEALTHZ,
    SETTING_METRICS,
)

#: Methods that are answered; others are the application's.
METHODS = (METHOD_GET, METHOD_HEAD)

#: What proxies and load balancers add: whom they ask for, and their own marks. `x-request-id` is
#: none, for clients send it as well.
_FORWARDED = frozenset(
    {
        "cdn-loop",
        "cf-connecting-ip",
        "fastly-client-ip",
        "forwarded",
        "true-client-ip",
        "via",
        "x-amzn-trace-id",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-real-ip",
    }
)
_FORWARDED_PREFIXES = ("x-appengine-", "x-azure-", "x-envoy-", "x-forwarded", "x-original-")


class Scrape(NamedTuple):
    """Who asks for metrics, and how."""

    peer: str | None
    forwarded: bool
    authorization: str | None
    accept: str | None


class Answer(NamedTuple):
    """A whole response."""

    status: int
    content_type: str
    body: bytes

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Its headers."""
        return [
            ("content-type", self.content_type),
            ("content-length", str(len(self.body))),
            ("cache-control", "no-store"),
        ]


#: Where the answer could not be made.
FAILED = Answer(500, "text/plain; charset=utf-8", b"instrumentation failed\n")


def is_ours(runtime: Runtime, path: str, method: str) -> bool:
    """Whether a path is one of the two, and switched on."""
    switch = {PROBE_METRICS: SETTING_METRICS, PROBE_HEALTHZ: SETTING_HEALTHZ}.get(path)
    return switch is not None and method in METHODS and runtime.setting(switch) == "true"


def answer(runtime: Runtime, path: str, scrape: Scrape) -> Answer:
    """Answer one of the two paths; may take milliseconds, so keep it off an event loop."""
    if path == PROBE_HEALTHZ:
        return Answer(200, "application/json", b'{"status":"ok"}')
    if not runtime.authorize_scrape(scrape.peer, scrape.forwarded, scrape.authorization):
        return Answer(403, "text/plain; charset=utf-8", b"forbidden\n")
    return Answer(200, *runtime.render(scrape.accept))


def came_through_proxy(headers: Iterable[str]) -> bool:
    """Whether one of the header names, in lower case, is what proxies add.

    A proxy that adds nothing can't be told from a neighbour. Such a one has to keep `/metrics` to
    itself.
    """
    return any(name in _FORWARDED or name.startswith(_FORWARDED_PREFIXES) for name in headers)

"""What the SDK answers itself: `/metrics` and `/healthz`."""

from collections.abc import Iterable, Mapping
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
    accept_encoding: str | None

    @classmethod
    def of(cls, peer: str | None, headers: Mapping[str, str]) -> "Scrape":
        """What a peer asks for with headers, whose names are in lower case."""
        return cls(
            peer=peer,
            forwarded=came_through_proxy(headers),
            authorization=headers.get("authorization"),
            accept=headers.get("accept"),
            accept_encoding=headers.get("accept-encoding"),
        )


class Answer(NamedTuple):
    """A whole response."""

    status: int
    content_type: str
    body: bytes
    also: tuple[tuple[str, str], ...] = ()
    """Headers that not every answer has."""

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Its headers."""
        return [
            ("content-type", self.content_type),
            ("content-length", str(len(self.body))),
            ("cache-control", "no-store"),
            *self.also,
        ]


_TEXT = "text/plain; charset=utf-8"

#: Where the answer could not be made.
FAILED = Answer(500, _TEXT, b"instrumentation failed\n")
_FORBIDDEN = Answer(
    403,
    _TEXT,
    b"forbidden: neither asked directly from a private address nor with the bearer token\n"
    b"hint: set KYROS_OBS_METRICS_TOKEN_FILE, and have the scraper bring the token\n",
)
_HEALTHY = Answer(200, "application/json", b'{"status":"ok"}')


def is_ours(runtime: Runtime, path: str, method: str) -> bool:
    """Whether a path is one of the two, and switched on."""
    switch = {PROBE_METRICS: SETTING_METRICS, PROBE_HEALTHZ: SETTING_HEALTHZ}.get(path)
    return switch is not None and method in METHODS and runtime.setting(switch) == "true"


def answer(runtime: Runtime, path: str, scrape: Scrape) -> Answer:
    """Answer one of the two paths; may take milliseconds, so keep it off an event loop."""
    if path == PROBE_HEALTHZ:
        return _HEALTHY
    if not runtime.authorize_scrape(scrape.peer, scrape.forwarded, scrape.authorization):
        return _FORBIDDEN
    body, content_type, encoding = runtime.scrape(scrape.accept, scrape.accept_encoding)
    encoded = (("content-encoding", encoding),) if encoding else ()
    return Answer(200, content_type, body, (("vary", "accept, accept-encoding"), *encoded))


def folded(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by name in lower case; of several with one name, the list that they are."""
    headers: dict[str, str] = {}
    for name, value in fields:
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def came_through_proxy(headers: Iterable[str]) -> bool:
    """Whether one of the header names, in lower case, is what proxies add.

    A proxy that adds nothing can't be told from a neighbour. Such a one has to keep `/metrics` to
    itself.
    """
    return any(name in _FORWARDED or name.startswith(_FORWARDED_PREFIXES) for name in headers)

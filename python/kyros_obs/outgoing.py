"""The trace of the current request in the calls that it makes, so that both ends are one trace.

    import httpx

    api = kyros_obs.propagate(httpx.Client(base_url="http://kyros-api"))

Only clients that are named so carry it: a trace id is nothing that others need to learn.
"""

import functools
from collections.abc import Callable, Collection
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit

from kyros_obs._guard import Guard
from kyros_obs.context import current

Client = TypeVar("Client")

_TRACEPARENT: Final = "traceparent"
_TRACESTATE: Final = "tracestate"
#: Where a request of httpx has what we gave it: a redirection copies it, headers included.
_GIVEN: Final = "kyros_obs"

_guard = Guard("outgoing")


def trace_headers() -> dict[str, str]:
    """`traceparent` and `tracestate` for a call made now; empty outside of a request.

    For clients that `propagate` doesn't know, and for messages: a service that is given them goes
    on in the same trace.
    """
    record = current.get()
    if record is not None:
        with _guard:
            traceparent, tracestate = record.trace()
            given = {_TRACEPARENT: traceparent}
            return given if tracestate is None else {**given, _TRACESTATE: tracestate}
    return {}


def propagate(client: Client, *, hosts: Collection[str] | None = None) -> Client:
    """Have each call of a client carry the trace of the request or callback that makes it.

    The callee's parent is then the caller's span. A `traceparent` that a call has of its own stays.
    Doing it again changes nothing.

    Args:
        client: A `Client` or `AsyncClient` of httpx or httpx2, or a `Session` of requests.
        hosts: The only hosts to tell, where a client calls others too or follows redirections.

    Returns:
        The same client.

    Raises:
        TypeError: The client is of another kind, or `hosts` is a text.
        ValueError: One of `hosts` has a scheme, path or port.
    """
    _check(hosts)
    known = None if hosts is None else frozenset(host.lower() for host in hosts)
    for kind in type(client).__mro__:
        follow = _CLIENTS.get((kind.__module__.partition(".")[0], kind.__name__))
        if follow is not None:
            follow(client, known)
            return client
    kinds = ", ".join(f"{package}.{name}" for package, name in _CLIENTS)
    raise TypeError(
        f"can't follow the calls of a `{type(client).__name__}`: expected one of {kinds}\n"
        "  hint: give them the headers of `kyros_obs.trace_headers()`"
    )


Hosts = frozenset[str] | None


def _check(hosts: Collection[str] | None) -> None:
    """Refuse what would be no call's host, and keep the trace from all of them."""
    if isinstance(hosts, str):
        raise TypeError(f'hosts of a client: a text: {hosts}\n  hint: write `hosts={{"{hosts}"}}`')
    for host in hosts or ():
        if "/" in host or host.count(":") == 1:
            raise ValueError(f"no host: {host}\n  hint: a name or address, without scheme and port")


class _Hook:
    """Gives a request of httpx its headers."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def __call__(self, request: Any) -> None:  # noqa: ANN401 - httpx' own
        with _guard:
            self._prepare(request)

    def _prepare(self, request: Any) -> None:  # noqa: ANN401 - httpx' own
        before = request.extensions.get(_GIVEN, {})
        if _TRACEPARENT in request.headers and _TRACEPARENT not in before:
            return
        for name in before:
            request.headers.pop(name, None)
        given = trace_headers() if _is_told(request.url.host, self._hosts) else {}
        request.headers.update(given)
        request.extensions = {**request.extensions, _GIVEN: given}


class _AsyncHook(_Hook):
    """The same where hooks are awaited."""

    async def __call__(self, request: Any) -> None:  # type: ignore[override]  # noqa: ANN401 - httpx' own
        with _guard:
            self._prepare(request)


def _follow_httpx(hook: type[_Hook]) -> Callable[[Any, Hosts], None]:
    def follow(client: Any, hosts: Hosts) -> None:  # noqa: ANN401 - httpx' own
        hooks = client.event_hooks["request"]
        if not any(isinstance(one, _Hook) for one in hooks):
            hooks.append(hook(hosts))

    return follow


class _Adapter:
    """Sends what a session's adapter sends, with the headers; they are on the wire alone."""

    def __init__(self, inner: Any, hosts: Hosts) -> None:  # noqa: ANN401 - requests' own
        self._inner = inner
        self._hosts = hosts

    def send(self, request: Any, **options: Any) -> Any:  # noqa: ANN401 - requests' own
        given: dict[str, str] = {}
        with _guard:
            if _TRACEPARENT not in request.headers and _is_told(_host(request.url), self._hosts):
                given = trace_headers()
                request.headers.update(given)
        try:
            return self._inner.send(request, **options)
        finally:
            for name in given:
                request.headers.pop(name, None)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the adapter's own
        return getattr(self._inner, name)


def _follow_requests(session: Any, hosts: Hosts) -> None:  # noqa: ANN401 - requests' own
    find = session.get_adapter
    if getattr(find, "__name__", "") == _adapter.__name__:
        return
    session.get_adapter = functools.wraps(_adapter)(functools.partial(_adapter, find, hosts))


def _adapter(find: Callable[..., Any], hosts: Hosts, url: str) -> _Adapter:
    return _Adapter(find(url=url), hosts)


def _host(url: object) -> str:
    return urlsplit(str(url)).hostname or ""


def _is_told(host: str, hosts: Hosts) -> bool:
    return hosts is None or host.lower() in hosts


#: How the calls of a client are followed, by its package and class.
_CLIENTS: Final = cast(
    "dict[tuple[str, str], Callable[[Any, Hosts], None]]",
    {
        ("httpx", "Client"): _follow_httpx(_Hook),
        ("httpx", "AsyncClient"): _follow_httpx(_AsyncHook),
        ("httpx2", "Client"): _follow_httpx(_Hook),
        ("httpx2", "AsyncClient"): _follow_httpx(_AsyncHook),
        ("requests", "Session"): _follow_requests,
    },
)

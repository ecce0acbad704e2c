"""The trace in the header of an answer, where the setting asks for it; the application's own stays.

`traceresponse` has what a call's `traceparent` has; any other header has the trace id alone.
"""

import weakref
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from kyros_obs import _state
from kyros_obs._guard import Guard
from kyros_obs._native import Request
from kyros_obs._vocabulary import SETTING_TRACE_HEADER

_TRACERESPONSE: Final = "traceresponse"
#: Where a `traceparent` has the trace id.
_TRACE_ID: Final = slice(3, 35)
_START: Final = "http.response.start"

_guard = Guard("trace_header")


class TracedSend:
    """The `send` of an ASGI server; adds the header to the message that begins an answer."""

    def __init__(self, name: str, send: Callable[[Any], Awaitable[None]]) -> None:
        """Wrap it, for a request that is named later."""
        self._name = name
        self._send = send
        self._request: weakref.ref[Request] | None = None

    def name(self, request: Request) -> None:
        """Name the request, which has this as its `send`. Its trace may still become another."""
        self._request = weakref.ref(request)

    def __call__(self, message: MutableMapping[str, Any]) -> Awaitable[None]:
        """Send a message."""
        with _guard:
            if message["type"] == _START:
                message = self._with_header(message)
        return self._send(message)

    def _with_header(self, message: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """A message of its own: an application may use one for many answers."""
        request = self._request() if self._request is not None else None
        if request is None:
            return message
        headers = list(message.get("headers") or ())
        own = self._name.encode("latin-1")
        if not any(name.lower() == own for name, _ in headers):
            headers.append((own, _value(self._name, request).encode("latin-1")))
        return {**message, "headers": headers}


def trace_header(request: Request) -> tuple[str, str] | None:
    """Name and value of the header, where answers are to have it."""
    with _guard:
        runtime = _state.active()
        name = runtime.setting(SETTING_TRACE_HEADER) if runtime is not None else None
        return (name, _value(name, request)) if name else None
    return None


def with_header(headers: list[tuple[str, str]], name: str, value: str) -> list[tuple[str, str]]:
    """A list that has the header."""
    with _guard:
        if not any(one.lower() == name for one, _ in headers):
            return [*headers, (name, value)]
    return headers


def _value(name: str, request: Request) -> str:
    traceparent, _ = request.trace()
    return traceparent if name == _TRACERESPONSE else traceparent[_TRACE_ID]

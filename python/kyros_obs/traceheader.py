"""The trace in the header of an answer, where the setting asks for it; the application's own stays.

`traceresponse` has what a call's `traceparent` has; any other header has the trace id alone.
"""

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
        self._header: tuple[bytes, bytes] | None = None

    def name(self, request: Request) -> None:
        """Name the request. Its trace alone is kept."""
        with _guard:
            value = _value(self._name, request)
            self._header = self._name.encode("latin-1"), value.encode("latin-1")

    def __call__(self, message: MutableMapping[str, Any]) -> Awaitable[None]:
        """Send a message."""
        with _guard:
            if self._header is not None and message["type"] == _START:
                # A message of its own: an application may use one for many answers.
                headers = list(message.get("headers") or ())
                message = {**message, "headers": headers}
                if not any(name.lower() == self._header[0] for name, _ in headers):
                    headers.append(self._header)
        return self._send(message)


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

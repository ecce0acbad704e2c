"""Sentry in the process: its trace is ours, and a transaction that it records is a request's span.

Sentry knows nothing of `traceparent`. Where a caller has sent that and no `sentry-trace`, Sentry is
given the caller's trace.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

from kyros_obs._native import Request
from kyros_obs.context import Record, current

#: Where a `traceparent` has the trace id, that and the span's, and the flags.
_TRACE_ID: Final = slice(3, 35)
_SPAN: Final = slice(3, 52)
_FLAGS: Final = slice(53, 55)
_SAMPLED: Final = "01"

#: What spans of requests do, in Sentry's words.
_SERVING: Final = frozenset({"http.server", "websocket.server"})


def adopt(sdk: Any, request: Request) -> None:  # noqa: ANN401 - theirs
    """Take over the trace of the transaction that it has for the request, recorded or not.

    Without one its trace may be that of the whole process.
    """
    scope = sdk.get_current_scope()
    span = _transaction(scope) if sdk.is_initialized() else None
    if span is None or _is_of(current.get(), span):
        return
    serves = bool(span.sampled)
    is_told = request.caller is not None and span.parent_span_id is None
    if is_told and _give(request, span, scope.get_active_propagation_context()) and not serves:
        return  # our span is below the caller's already
    flags = _SAMPLED if serves else request.trace()[0][_FLAGS]
    tell = partial(_tell, span) if serves else None
    request.adopt(f"00-{span.trace_id}-{span.span_id}-{flags}", None, serves, tell)


def _transaction(scope: Any) -> Any:  # noqa: ANN401 - theirs
    """The one of a request. What stands for one that isn't there does nothing."""
    span = getattr(scope, "streamed_span", None)
    if span is not None:
        return span if _does(span.get_attributes().get("sentry.op")) else None
    span = getattr(scope.span, "containing_transaction", None)
    return span if _does(getattr(span, "op", None)) else None


def _does(what: object) -> bool:
    return what in _SERVING


def _is_of(record: Record | None, span: Any) -> bool:  # noqa: ANN401 - theirs
    """Whether it is that of a request which calls another one within the process."""
    theirs = f"{span.trace_id}-{span.span_id}"
    return record is not None and record.trace()[0][_SPAN] == theirs


def _give(request: Request, *theirs: Any) -> bool:  # noqa: ANN401 - theirs
    """Give them the caller's trace; some can't be given another one."""
    with suppress(AttributeError):
        for known in theirs:
            known.trace_id = request.trace()[0][_TRACE_ID]
            known.parent_span_id = request.caller
        return True
    return False


def _tell(span: Any, stated: Sequence[tuple[str, str]]) -> None:  # noqa: ANN401 - theirs
    put = span.set_attribute if hasattr(span, "set_attribute") else span.set_data
    for name, value in stated:
        put(name, value)

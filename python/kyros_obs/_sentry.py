"""Sentry in the process: its trace is ours, and a transaction that it records is a request's span.

Sentry knows nothing of `traceparent`. Where a caller has sent that and no `sentry-trace`, Sentry is
given the caller's trace.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from kyros_obs._native import Request

_TRACE_ID = slice(3, 35)
_FLAGS = slice(53, 55)
_SAMPLED = "01"


def adopt(sdk: Any, request: Request) -> None:  # noqa: ANN401 - theirs
    """Take over its trace, if it is in use."""
    if not sdk.is_initialized():
        return
    scope = sdk.get_current_scope()
    span, propagation = _span(scope), scope.get_active_propagation_context()
    known = propagation if span is None else span
    ours = request.trace()[0]
    serves = span is not None and bool(span.sampled)
    is_told = request.caller is not None and _parent(known) is None
    if is_told and _give(request, span, propagation) and not serves:
        return  # our span is below the caller's already
    flags = _SAMPLED if serves else ours[_FLAGS]
    tell = partial(_tell, span) if serves else None
    request.adopt(f"00-{known.trace_id}-{known.span_id}-{flags}", None, serves, tell)


def _span(scope: Any) -> Any:  # noqa: ANN401 - theirs
    """The transaction of the request, if Sentry traces. What stands for none has no real trace."""
    span = getattr(scope, "streamed_span", None) or scope.span
    span = getattr(span, "containing_transaction", span)
    return None if type(span).__name__.startswith("NoOp") else span


def _parent(known: Any) -> object:  # noqa: ANN401 - theirs
    return getattr(known, "parent_span_id", None)


def _give(request: Request, *theirs: Any) -> bool:  # noqa: ANN401 - theirs
    """Give them the caller's trace; some can't be given another one."""
    with suppress(AttributeError):
        for known in theirs:
            if known is not None:
                known.trace_id = request.trace()[0][_TRACE_ID]
                known.parent_span_id = request.caller
        return True
    return False


def _tell(span: Any, stated: Sequence[tuple[str, str]]) -> None:  # noqa: ANN401 - theirs
    put = span.set_attribute if hasattr(span, "set_attribute") else span.set_data
    for name, value in stated:
        put(name, value)

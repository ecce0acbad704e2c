"""Other telemetry in the process: where it has a span for a request, that is the request's.

OpenTelemetry's server span, whoever makes it, and Sentry's transaction are looked for as a request
begins, and once more where it is routed, for what lies inside of our middleware. Nothing of theirs
is ever imported here.
"""

import sys
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import partial
from typing import Any, Final

from kyros_obs import _sentry
from kyros_obs._guard import Guard
from kyros_obs._native import Request
from kyros_obs.context import current

_API: Final = "opentelemetry.trace"
_SDK: Final = "opentelemetry.sdk.trace"
_SENTRY: Final = "sentry_sdk"
#: Where the API has the provider that somebody has put in place, which needn't be the SDK's.
_PROVIDER: Final = "_TRACER_PROVIDER"

#: The key of a request's record in its scope, as in `kyros_obs.asgi.MEASURED`.
_MEASURED: Final = "kyros_obs"
#: Where a request has the span that was current before it began, which isn't its own.
_BEFORE: Final = "kyros_obs.before"
#: Where FastAPI has its telemetry of a request, and the instrumentation of Flask its span.
_FASTAPI: Final = "fastapi.telemetry"
_FLASK: Final = "opentelemetry-flask.span_key"

#: The middleware of OpenTelemetry's contributors, which Logfire uses, too.
_MIDDLEWARE: Final = ("opentelemetry.instrumentation.asgi", "OpenTelemetryMiddleware")

_modules = sys.modules
_guard = Guard("foreign")

#: Whether the last request that began had to look.
looks = False
#: How many modules there were when they were looked through, and OpenTelemetry's among them.
_known = 0
_api: Any = None


def adopt(scope: MutableMapping[str, Any], request: Request) -> None:
    """Take over what is there as a request begins: an ASGI scope or a WSGI environment."""
    unseen = _api is not None and not looks and getattr(_api, _PROVIDER, None) is not None
    if unseen or len(_modules) != _known:
        _look_through()
    if looks:
        with _guard:
            _adopt_outer(scope, request)


def adopt_inner(scope: MutableMapping[str, Any], request: Request) -> bool:
    """Take over what has begun since; whether there can be anything."""
    if looks:
        with _guard:
            span = _span()
            if span is not None and span is not scope.get(_BEFORE) and _is_server(span, scope):
                _take(span, request)
    return looks


def look_beneath(stack: object) -> None:
    """Look at a request right where a middleware of theirs in this stack hands it on."""
    kind = type(stack)
    if (kind.__module__, kind.__name__) == _MIDDLEWARE:
        inner = stack.app  # type: ignore[attr-defined]
        if not isinstance(inner, _Beneath):
            stack.app = _Beneath(inner)  # type: ignore[attr-defined]
    elif hasattr(stack, "app"):
        look_beneath(stack.app)


class _Beneath:
    """What their middleware calls: whatever span it has made is current here, sampled or not."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    def __call__(self, scope: MutableMapping[str, Any], *channels: object) -> Awaitable[None]:
        request = scope.get(_MEASURED)
        if request is not None and looks:
            with _guard:
                span = _span()
                if span is not None and span is not scope.get(_BEFORE) and _may_serve(span):
                    _take(span, request)
        return self.app(scope, *channels)


def _adopt_outer(scope: MutableMapping[str, Any], request: Request) -> None:
    span = _span()
    if span is not None:
        if _is_server(span, scope) and not _is_of(current.get(), span):
            _take(span, request)
            return
        scope[_BEFORE] = span
    sdk = _modules.get(_SENTRY)
    if sdk is not None:
        _sentry.adopt(sdk, request)


def _look_through() -> None:
    """See who is there; modules come, and hardly ever go."""
    global _api, _known, looks  # noqa: PLW0603 - of the process, as the modules are
    _known, _api = len(_modules), _modules.get(_API)
    has_provider = getattr(_api, _PROVIDER, None) is not None
    looks = has_provider or _SDK in _modules or _SENTRY in _modules


def _span() -> Any:  # noqa: ANN401 - theirs
    """OpenTelemetry's current span, if there is one."""
    span = _api.get_current_span() if _api is not None else None
    return span if span is not None and span.get_span_context().is_valid else None


def _is_server(span: Any, scope: MutableMapping[str, Any]) -> bool:  # noqa: ANN401 - theirs
    """Whether it is the span of a request. One that isn't sampled tells it by its place alone."""
    known = getattr(scope.get(_FASTAPI), "span", None), scope.get(_FLASK)
    return any(span is one for one in known) or (span.is_recording() and _is_kind_server(span))


def _may_serve(span: Any) -> bool:  # noqa: ANN401 - theirs
    return _is_kind_server(span) if span.is_recording() else not span.get_span_context().is_remote


def _is_kind_server(span: Any) -> bool:  # noqa: ANN401 - theirs
    return getattr(getattr(span, "kind", None), "name", None) == "SERVER"


def _is_of(record: Any, span: Any) -> bool:  # noqa: ANN401 - either record
    """Whether a span is that of a request which calls another one within the process."""
    return record is not None and record.trace()[0][3:52] == _traceparent(span)[3:52]


def _take(span: Any, request: Request) -> None:  # noqa: ANN401 - theirs
    tracestate = span.get_span_context().trace_state.to_header() or None
    request.adopt(_traceparent(span), tracestate, True, partial(_tell, span))  # noqa: FBT003 - native


def _traceparent(span: Any) -> str:  # noqa: ANN401 - theirs
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _tell(span: Any, stated: Sequence[tuple[str, str]]) -> None:  # noqa: ANN401 - theirs
    if span.is_recording():
        for name, value in stated:
            span.set_attribute(name, value)

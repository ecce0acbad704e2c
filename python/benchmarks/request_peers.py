"""The peers of `request_cost.py`, each set up as its documentation says.

What they write and export is what ours does: an access line in JSON with the trace's id, and spans
by OTLP over HTTP from a thread.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

INSTRUMENTATOR, EXPORTER, STRUCTLOG = "instrumentator", "starlette_exporter", "structlog"
CONTRIB, NATIVE = "opentelemetry", "fastapi"
WITH_LINE = f"{INSTRUMENTATOR}+{STRUCTLOG}"
WITH_SPAN = f"{CONTRIB}+{WITH_LINE}"
ALL = (INSTRUMENTATOR, EXPORTER, STRUCTLOG, CONTRIB, NATIVE, WITH_LINE, WITH_SPAN)


def exports(which: str) -> bool:
    """Whether a contestant exports spans."""
    return CONTRIB in which or which == NATIVE


def instrument(app: FastAPI, which: str) -> None:
    """Put the named peers around an application, those that write lines innermost."""
    makers = {
        STRUCTLOG: structlog_line,
        INSTRUMENTATOR: instrumentator,
        EXPORTER: starlette_exporter,
        CONTRIB: opentelemetry,
        NATIVE: fastapi_native,
    }
    for name, make in makers.items():
        if name in which.split("+"):
            make(app)


def instrumentator(app: FastAPI) -> None:
    """prometheus-fastapi-instrumentator: metrics."""
    from prometheus_fastapi_instrumentator import Instrumentator  # noqa: PLC0415

    Instrumentator().instrument(app)


def starlette_exporter(app: FastAPI) -> None:
    """starlette_exporter: metrics, sizes among them."""
    from starlette_exporter import PrometheusMiddleware, optional_metrics  # noqa: PLC0415

    sizes = [optional_metrics.response_body_size]
    app.add_middleware(PrometheusMiddleware, app_name="bench", optional_metrics=sizes)


def structlog_line(app: FastAPI) -> None:
    """structlog: one line for each request, from a middleware that is no more than that."""
    import structlog  # noqa: PLC0415

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        logger_factory=structlog.WriteLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    app.add_middleware(Line, log=structlog.get_logger(), bound=structlog.contextvars)


class Line:
    """Writes what ours has in its line and what is to be had without reading the application."""

    def __init__(self, app: Any, log: Any, bound: Any) -> None:  # noqa: ANN401 - theirs
        """Wrap an application."""
        self._app, self._log, self._bound = app, log, bound

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Serve one request."""
        begun, status, sent = time.perf_counter(), 500, 0
        self._bound.clear_contextvars()
        self._bound.bind_contextvars(trace_id=uuid.uuid4().hex)

        async def noted(message: Any) -> None:  # noqa: ANN401 - ASGI
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
            sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._log.info(
                "access",
                service="bench",
                env="bench",
                route=scope["route"].path,
                method=scope["method"],
                status=status,
                latency_ms=round((time.perf_counter() - begun) * 1e3, 3),
                bytes=sent,
            )


def provider() -> Any:  # noqa: ANN401 - theirs
    """A provider of tracers that exports from a thread."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    made = TracerProvider()
    made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return made


def opentelemetry(app: FastAPI) -> None:
    """opentelemetry-instrumentation-fastapi: spans, from a provider that FastAPI doesn't see."""
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor  # noqa: PLC0415

    FastAPIInstrumentor.instrument_app(app, tracer_provider=provider())


def fastapi_native(_app: FastAPI) -> None:
    """FastAPI's own telemetry: spans, as soon as there is a provider."""
    from opentelemetry import trace  # noqa: PLC0415

    trace.set_tracer_provider(provider())

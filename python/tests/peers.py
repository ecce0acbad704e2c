"""Other telemetry: how each is put into a process, and what it has exported."""

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from flask import Flask

#: The spans that have ended, of all of them.
exported: list[dict[str, Any]] = []


def opentelemetry(**sampling: Any) -> None:
    """Put a provider of OpenTelemetry in place."""
    provider = import_module("opentelemetry.sdk.trace").TracerProvider(**sampling)
    provider.add_span_processor(_processor())
    import_module("opentelemetry.trace").set_tracer_provider(provider)


def _processor() -> Any:
    """What keeps each span that ends."""

    class Kept(import_module("opentelemetry.sdk.trace").SpanProcessor):  # type: ignore[misc]
        def on_end(self, span: Any) -> None:
            exported.append(
                {
                    "kind": span.kind.name,
                    "trace_id": f"{span.context.trace_id:032x}",
                    "span_id": f"{span.context.span_id:016x}",
                    "parent": span.parent and f"{span.parent.span_id:016x}",
                    "tenant": (span.attributes or {}).get("kyros.tenant_id"),
                }
            )

    return Kept()


def native(_app: Any) -> None:
    """What FastAPI has of its own."""
    opentelemetry()


def around(_app: Any) -> None:
    """All requests are served within a span that is none of theirs."""
    opentelemetry()
    tracer = import_module("opentelemetry.trace").get_tracer("main")
    tracer.start_as_current_span("main").__enter__()


def raising(app: Any) -> None:
    """A provider of somebody else, whose spans can't say anything."""
    api = import_module("opentelemetry.trace")

    class Raising(api.Span):  # type: ignore[misc, name-defined]
        def __getattribute__(self, name: str) -> Any:
            raise RuntimeError(name)

    class Provider(api.TracerProvider):  # type: ignore[misc, name-defined]
        def get_tracer(self, *_: Any, **__: Any) -> Any:
            raise NotImplementedError

    for name in api.Span.__abstractmethods__:
        setattr(Raising, name, None)
    Raising.__abstractmethods__ = frozenset()
    api.set_tracer_provider(Provider())
    context = import_module("opentelemetry.context")
    context.attach(api.set_span_in_context(Raising()))


def contrib(app: Any) -> None:
    """OpenTelemetry's instrumentation of FastAPI."""
    opentelemetry()
    contrib = import_module("opentelemetry.instrumentation.fastapi")
    contrib.FastAPIInstrumentor.instrument_app(app)


def unsampled(app: Any) -> None:
    """The same where nothing is sampled."""
    opentelemetry(sampler=import_module("opentelemetry.sdk.trace.sampling").ALWAYS_OFF)
    contrib = import_module("opentelemetry.instrumentation.fastapi")
    contrib.FastAPIInstrumentor.instrument_app(app)


def asgi(app: Any) -> None:
    """The middleware alone, among the others."""
    opentelemetry()
    app.add_middleware(import_module("opentelemetry.instrumentation.asgi").OpenTelemetryMiddleware)


def quart(app: Any) -> None:
    """The same around Quart."""
    opentelemetry()
    asgi = import_module("opentelemetry.instrumentation.asgi")
    app.asgi_app = asgi.OpenTelemetryMiddleware(app.asgi_app)


def flask(app: Any) -> None:
    """OpenTelemetry's instrumentation of Flask."""
    opentelemetry()
    import_module("opentelemetry.instrumentation.flask").FlaskInstrumentor().instrument_app(app)


def wsgi(app: Any) -> None:
    """The middleware for WSGI."""
    opentelemetry()
    wsgi = import_module("opentelemetry.instrumentation.wsgi")
    app.wsgi_app = wsgi.OpenTelemetryMiddleware(app.wsgi_app)


def logfire(app: Any) -> None:
    """Logfire, which sends nothing."""
    logfire = import_module("logfire")
    logfire.configure(
        send_to_logfire=False, console=False, additional_span_processors=[_processor()]
    )
    if isinstance(app, Flask):
        logfire.instrument_flask(app)
    else:
        logfire.instrument_fastapi(app)


def sentry(**options: Any) -> Callable[[Any], None]:
    """Sentry, which keeps what it would send."""

    def init(_app: Any) -> None:
        sdk = import_module("sentry_sdk")

        class Kept(sdk.transport.Transport):  # type: ignore[misc, name-defined]
            def capture_envelope(self, envelope: Any) -> None:
                exported.extend(_transactions(envelope))

        sdk.init("http://key@127.0.0.1:9/1", transport=Kept, **options)

    return init


def sentry_around(_app: Any) -> None:
    """All requests are served within a transaction that is none of theirs, unseen by Sentry."""
    sentry(traces_sample_rate=1.0, default_integrations=False, auto_enabling_integrations=False)(
        _app
    )
    import_module("sentry_sdk").start_transaction(op="task", name="main").__enter__()


def _transactions(envelope: Any) -> Iterator[dict[str, Any]]:
    for item in envelope.items:
        payload = json.loads(item.payload.get_bytes())
        if item.type == "span":
            yield from map(_segment, payload["items"])
        trace = payload.get("contexts", {}).get("trace", {})
        if item.type == "transaction":
            yield {
                "kind": "SERVER" if trace["op"].endswith(".server") else trace["op"],
                "trace_id": trace["trace_id"],
                "span_id": trace["span_id"],
                "parent": trace["parent_span_id"],
                "tenant": trace["data"].get("kyros.tenant_id"),
            }


def _segment(span: dict[str, Any]) -> dict[str, Any]:
    """A streamed one."""
    attributes = {name: one["value"] for name, one in span["attributes"].items()}
    return {
        "kind": "SERVER" if attributes.get("sentry.op") == "http.server" else "INTERNAL",
        "trace_id": span["trace_id"],
        "span_id": span["span_id"],
        "parent": span.get("parent_span_id"),
        "tenant": attributes.get("kyros.tenant_id"),
    }

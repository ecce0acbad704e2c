"""How each library is put around an application, and what it has counted then.

Each is set up the way that lets it tell most: unmatched paths grouped, statuses not, sizes on.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import count
from typing import Any, ClassVar, Self

from starlette.applications import Starlette

from conformance.samples import Sample, Seen

_KINDS = ("count", "sent", "received", "seconds", "outcome")


class Contestant:
    """A library around one application."""

    name: ClassVar[str]
    package: ClassVar[str]
    kinds: ClassVar[frozenset[str]]

    def __enter__(self) -> Self:
        """Begin to count."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give back what was taken."""

    def settings(self) -> Mapping[str, Any]:
        """What FastAPI has to be told for it."""
        return {}

    def instrument(self, app: Starlette) -> None:
        """Put the library around an application."""

    def samples(self) -> list[Sample]:
        """All that it has counted by now."""
        raise NotImplementedError

    def contradictions(self, seen: Seen) -> list[str]:
        """Where the log line of the last request says something else than its samples."""
        del seen
        return []


class Ours(Contestant):
    """kyros-obs."""

    name, package = "kyros-obs", "kyros-obs"
    kinds = frozenset(_KINDS)

    _METRICS: ClassVar = {
        "http_requests_total": "count",
        "http_response_size_bytes_sum": "sent",
        "http_request_size_bytes_sum": "received",
        "http_request_duration_seconds_sum": "seconds",
        "http_requests_aborted_total": "outcome",
    }

    _FAILURES = "kyros_instrumentation_errors_total"

    def __init__(self) -> None:
        self._open = ExitStack()
        self._failures = 0.0

    def __enter__(self) -> Self:
        """Keep what is emitted."""
        from kyros_obs import testing  # noqa: PLC0415 - each library is imported where it is used

        self._captured = self._open.enter_context(testing.capture())
        return self

    def __exit__(self, *_: object) -> None:
        """Give the runtime back."""
        self._open.close()

    def instrument(self, app: Starlette) -> None:
        """Instrument, and no more."""
        import kyros_obs  # noqa: PLC0415

        kyros_obs.instrument(app)

    def samples(self) -> list[Sample]:
        """All that is in the exposition."""
        return [
            Sample(
                kind,
                sample.labels["endpoint"],
                sample.labels.get("method"),
                _number(sample.labels.get("code")),
                sample.labels.get("outcome"),
                sample.value,
            )
            for name, kind in self._METRICS.items()
            for sample in self._captured.samples(name)
        ]

    def contradictions(self, seen: Seen) -> list[str]:
        """The access line against the samples, and whether anything in us has failed."""
        line = self._captured.access_lines()[-1]
        said = [line["route"], line["method"], line["status"], line.get("outcome"), line["bytes"]]
        before, self._failures = self._failures, self._captured.metric(self._FAILURES)
        differs = said != [seen.endpoint, seen.method, seen.code, seen.outcome, seen.sent]
        failed = self._failures > before
        return [f"line says {said}"] * differs + ["a failure of ours"] * failed


class Instrumentator(Contestant):
    """prometheus-fastapi-instrumentator."""

    name, package = "instrumentator", "prometheus-fastapi-instrumentator"
    kinds = frozenset({"count", "sent", "received", "seconds"})

    _METRICS: ClassVar = {
        "http_requests_total": "count",
        "http_response_size_bytes_sum": "sent",
        "http_request_size_bytes_sum": "received",
        "http_request_duration_seconds_sum": "seconds",
    }

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry  # noqa: PLC0415

        self._registry = CollectorRegistry()

    def instrument(self, app: Starlette) -> None:
        """Its defaults, but for statuses, which it groups otherwise."""
        import prometheus_fastapi_instrumentator as library  # noqa: PLC0415

        its = library.Instrumentator(should_group_status_codes=False, registry=self._registry)
        its.instrument(app)

    def samples(self) -> list[Sample]:
        """All of its registry."""
        names = ("handler", "method", "status")
        return list(_prometheus(self._registry, self._METRICS, names))


class Exporter(Contestant):
    """starlette_exporter."""

    name, package = "starlette_exporter", "starlette-exporter"
    kinds = frozenset({"count", "sent", "received", "seconds"})

    _numbers = count()

    def __init__(self) -> None:
        self._prefix = f"app_{next(self._numbers)}"

    def instrument(self, app: Starlette) -> None:
        """Count the unmatched, as one, and sizes, too."""
        from starlette_exporter import PrometheusMiddleware, optional_metrics  # noqa: PLC0415

        sizes = [optional_metrics.response_body_size, optional_metrics.request_body_size]
        app.add_middleware(
            PrometheusMiddleware,
            prefix=self._prefix,
            filter_unhandled_paths=False,
            group_unhandled_paths=True,
            optional_metrics=sizes,
        )

    def samples(self) -> list[Sample]:
        """What it has put under this application's prefix in the one registry."""
        from prometheus_client import REGISTRY  # noqa: PLC0415

        kinds = {
            f"{self._prefix}_requests_total": "count",
            f"{self._prefix}_response_body_bytes_total": "sent",
            f"{self._prefix}_request_body_bytes_total": "received",
            f"{self._prefix}_request_duration_seconds_sum": "seconds",
        }
        return list(_prometheus(REGISTRY, kinds, ("path", "method", "status_code")))


class OpenTelemetry(Contestant):
    """What both contestants of OpenTelemetry have in common: a reader in memory."""

    _METRICS: ClassVar = {
        "http.server.request.duration": "seconds",
        "http.server.response.body.size": "sent",
        "http.server.request.body.size": "received",
    }

    def __init__(self) -> None:
        from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader  # noqa: PLC0415

        self._reader = InMemoryMetricReader()
        self._provider = MeterProvider([self._reader])

    def __exit__(self, *_: object) -> None:
        """End the provider."""
        self._provider.shutdown()

    def samples(self) -> list[Sample]:
        """All data points, of which those of the duration count requests as well."""
        return [sample for name, point in self._points() for sample in self._told(name, point)]

    def _points(self) -> Iterator[tuple[str, Any]]:
        data = self._reader.get_metrics_data()
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    if metric.name in self._METRICS:
                        yield from ((metric.name, point) for point in metric.data.data_points)

    def _told(self, name: str, point: Any) -> Iterator[Sample]:
        told = point.attributes
        labels = (
            told.get("http.route"),
            told.get("http.request.method"),
            told.get("http.response.status_code"),
            told.get("error.type"),
        )
        yield Sample(self._METRICS[name], *labels, point.sum)
        if self._METRICS[name] == "seconds":
            yield Sample("count", *labels, point.count)


class Contrib(OpenTelemetry):
    """OpenTelemetry's instrumentation of FastAPI, by the stable conventions."""

    name, package = "OTel contrib", "opentelemetry-instrumentation-fastapi"
    kinds = frozenset({"count", "sent", "received", "seconds"})

    def instrument(self, app: Starlette) -> None:
        """Metrics only: spans have a provider that keeps none."""
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor  # noqa: PLC0415
        from opentelemetry.trace import NoOpTracerProvider  # noqa: PLC0415

        FastAPIInstrumentor.instrument_app(
            app, meter_provider=self._provider, tracer_provider=NoOpTracerProvider()
        )


class Native(OpenTelemetry):
    """FastAPI's own telemetry."""

    name, package = "FastAPI", "fastapi"
    kinds = frozenset({"count", "seconds", "outcome"})

    def settings(self) -> Mapping[str, Any]:
        """Metrics only."""
        return {"telemetry": {"meter_provider": self._provider, "tracing": False, "logs": False}}


PEERS: tuple[type[Contestant], ...] = (Instrumentator, Exporter, Contrib, Native)
ALL: tuple[type[Contestant], ...] = (Ours, *PEERS)


def _prometheus(
    registry: Any, kinds: Mapping[str, str], names: tuple[str, str, str]
) -> Iterator[Sample]:
    """The samples of a registry of prometheus_client."""
    endpoint, method, code = names
    for family in registry.collect():
        for sample in family.samples:
            if sample.name in kinds:
                told = sample.labels
                status = _number(told.get(code))
                labels = (told.get(endpoint), told.get(method), status, None)
                yield Sample(kinds[sample.name], *labels, sample.value)


def _number(code: str | None) -> int | None:
    return int(code) if code is not None and code.isdigit() else None

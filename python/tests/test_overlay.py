"""A service's own `kyros-obs.toml`: its rows hold at run time as the SDK's own do."""

from pathlib import Path

import pytest
from fastapi import FastAPI

import kyros_obs
from kyros_obs.testing import Captured, capture
from tests.clients import AsgiClient

TENANT = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10"
OVERLAY = """
[metric.reports_exported_total]
kind = "counter"
help = "Reports."
labels = ["tenant_id"]

[metric.http_response_size_bytes]
buckets = [100, 10000]

[field.reports]
kind = "integer"
sensitivity = "public"
help = "How many."

[audit.action.export_report]
class = "critical"
help = "A report left the house."

[event.report_exported]
help = "A report was exported."
level = "warn"
success = "export_report"

[alert.HttpLatencyP95High]
threshold = 0.42
"""


@pytest.fixture
def overlay(tmp_path: Path) -> str:
    """The file, where a service keeps it."""
    file = tmp_path / "kyros-obs.toml"
    file.write_text(OVERLAY, encoding="utf-8")
    return str(file)


def test_event_and_action(overlay: str) -> None:
    """An event of the service has its level, and its audit action is a known one."""
    with capture(config=overlay) as seen:
        kyros_obs.event("report_exported", reports=3)
        (line,) = seen.lines
        assert (line["event"], line["level"]) == ("report_exported", "warn")
        assert [(row["action"], row["known_action"]) for row in seen.audit] == [
            ("export_report", True)
        ]


@pytest.mark.parametrize(("value", "typed"), [(3, True), ("three", False)])
def test_field(overlay: str, value: object, *, typed: bool) -> None:
    """A field of the service stands beside the SDK's own where its value fits the declared kind."""
    with capture(config=overlay) as seen:
        kyros_obs.event("report_exported", reports=value)
        (line,) = seen.lines
        assert line.get("reports") == (value if typed else None)
        assert line.get("fields", {}).get("reports") == (None if typed else value)


def test_metric(overlay: str) -> None:
    """A metric of the service needs no second declaration."""
    with capture(config=overlay) as seen:
        kyros_obs.counter("reports_exported_total", labels=["tenant_id"]).inc(tenant_id=TENANT)
        assert seen.metric("reports_exported_total", tenant_id=TENANT) == 1
        assert "# HELP reports_exported_total Reports." in seen.exposition


def test_metric_that_is_declared_otherwise(overlay: str) -> None:
    """Nor may a call contradict the one there is."""
    with capture(config=overlay), pytest.raises(kyros_obs.KyrosObsError):
        kyros_obs.counter("reports_exported_total", labels=["service"])


def test_buckets(overlay: str) -> None:
    """Buckets make a histogram of the response size, and an alert's threshold is one of them."""
    with capture(config=overlay) as seen:
        AsgiClient(kyros_obs.instrument(FastAPI())).get("/nowhere")
        assert bounds(seen, "http_response_size_bytes") == ["100.0", "10000.0", "+Inf"]
        assert "0.42" in bounds(seen, "http_request_duration_seconds")


def bounds(seen: Captured, name: str) -> list[str]:
    """The upper bounds of a histogram's buckets."""
    return [sample.labels["le"] for sample in seen.samples(f"{name}_bucket")]

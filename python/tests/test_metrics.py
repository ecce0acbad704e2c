"""The application's own metrics: same store, same rules."""

from typing import Any

import pytest

import kyros_obs
from kyros_obs.testing import Captured, capture


def test_counter(seen: Captured) -> None:
    """A counter counts by its labels."""
    exported = kyros_obs.counter("reports_exported_total", "Reports.", labels=["kind"])
    exported.inc(kind="pdf")
    exported.inc(2, kind="pdf")
    exported.inc(kind="csv")
    assert seen.metric("reports_exported_total", kind="pdf") == 3
    assert seen.metric("reports_exported_total") == 4
    assert "# HELP reports_exported_total Reports." in seen.exposition


def test_gauge(seen: Captured) -> None:
    """A gauge goes up and down."""
    queue = kyros_obs.gauge("queue_length")
    queue.set(5)
    queue.inc()
    queue.dec(2)
    assert seen.metric("queue_length") == 4


def test_histogram(seen: Captured) -> None:
    """A histogram has the buckets it was given."""
    size = kyros_obs.histogram("report_rows", buckets=[1, 10, 100])
    for rows in (0, 5, 50, 500):
        size.observe(rows)
    buckets = {s.labels["le"]: s.value for s in seen.samples("report_rows_bucket")}
    assert sorted(buckets.values()) == [1, 2, 3, 4]
    assert seen.metric("report_rows_sum") == 555


def test_declared_before_there_is_a_runtime() -> None:
    """A module may make its metrics at import; each runtime then has them."""
    made = kyros_obs.counter("early_total")
    for _ in range(2):
        with capture() as seen:
            made.inc()
            assert seen.metric("early_total") == 1


def test_declared_twice(seen: Captured) -> None:
    """The same declaration again is the same metric."""
    kyros_obs.counter("twice_total").inc()
    kyros_obs.counter("twice_total").inc()
    assert seen.metric("twice_total") == 2


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("no_suffix", []),
        ("bad name_total", []),
        ("people_total", ["sub"]),
        ("people_total", ["email"]),
        ("http_requests_total", []),
    ],
)
def test_rules(seen: Captured, name: str, labels: list[str]) -> None:
    """Names without `_total`, people as labels and names of the schema are refused at once."""
    with pytest.raises(kyros_obs.KyrosObsError):
        kyros_obs.counter(name, labels=labels)
    assert f"# TYPE {name} " not in seen.exposition.replace("http_requests_total", "")


@pytest.mark.parametrize("make", [kyros_obs.counter, kyros_obs.gauge, kyros_obs.histogram])
def test_labels_that_are_a_text(make: Any) -> None:
    """One label that is no list would be as many labels as it has letters."""
    with pytest.raises(TypeError, match=r'labels=\["tenant_id"\]'):
        make("exports_total", labels="tenant_id")


@pytest.mark.parametrize("labels", [{}, {"kind": "a", "other": "b"}, {"other": "b"}])
def test_wrong_labels_cost_the_sample(seen: Captured, labels: dict[str, Any]) -> None:
    """A call with other labels than declared is counted as a failure, and raises nothing."""
    kyros_obs.counter("labelled_total", labels=["kind"]).inc(**labels)
    assert seen.metric("labelled_total") == 0
    assert seen.metric("kyros_instrumentation_errors_total", component="metrics") == 1


def test_label_values_are_bounded(seen: Captured) -> None:
    """Ten thousand values make a bounded number of series, and nothing is lost from the sum."""
    many = kyros_obs.counter("many_total", labels=["tenant_id"])
    for number in range(10_000):
        many.inc(tenant_id=f"tenant-{number}")
    assert seen.metric("many_total") == 10_000
    assert len(seen.samples("many_total")) < 2_000
    assert seen.metric("kyros_series_overflow_total") > 0

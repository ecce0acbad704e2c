"""The application's own metrics: same store, same rules."""

import enum
from typing import Any

import pytest

import kyros_obs
from kyros_obs.testing import Captured, capture


class Unprintable:
    """An object that can't become a text."""

    def __init__(self, error: type[BaseException] = RuntimeError) -> None:
        self._error = error

    def __str__(self) -> str:
        """Fail."""
        raise self._error


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


def test_labels_in_the_place_of_the_help(seen: Captured) -> None:
    """It is told where it is written."""
    with pytest.raises(TypeError, match=r"help of `exports_total`: no text: \['tenant_id'\]"):
        kyros_obs.counter("exports_total", ["tenant_id"])  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number(seen: Captured, amount: float) -> None:
    """It is left out and counted, and makes no series."""
    kyros_obs.counter("exports_total", labels=["kind"]).inc(amount, kind="new")
    kyros_obs.gauge("exports_waiting").inc(amount)
    kyros_obs.histogram("export_duration_seconds").observe(amount)
    assert seen.metric("kyros_instrumentation_errors_total", component="metrics") == 3
    assert seen.samples("exports_total") == []
    assert seen.metric("export_duration_seconds_count") == 0


@pytest.mark.parametrize("labels", [{}, {"kind": "a", "other": "b"}, {"other": "b"}])
def test_wrong_labels_cost_the_sample(seen: Captured, labels: dict[str, Any]) -> None:
    """A call with other labels than declared is counted as a failure, and raises nothing."""
    kyros_obs.counter("labelled_total", labels=["kind"]).inc(**labels)
    assert seen.metric("labelled_total") == 0
    assert seen.metric("kyros_instrumentation_errors_total", component="metrics") == 1


def test_the_failure_says_which_labels(seen: Captured) -> None:
    """The warning names what was declared and what was given."""
    kyros_obs.counter("named_total", labels=["kind", "queue"]).inc(quue="b", kind="a")
    said = 'labels of `named_total`: expected ["kind", "queue"], got ["kind", "quue"]'
    assert said in seen.lines[-1]["message"]


class Kind(enum.StrEnum):
    """A text with a text of its own."""

    PDF = "pdf"


class Loud(str):
    """A text that is printed as another one."""

    __slots__ = ()

    def __str__(self) -> str:
        """Shout."""
        return self.upper()


@pytest.mark.parametrize(
    ("value", "text"),
    [(7, "7"), (None, "None"), (Kind.PDF, "pdf"), (Loud("a"), "A"), ("Größe \U0001f600", None)],
)
def test_label_values_are_printed(seen: Captured, value: object, text: str | None) -> None:
    """What is no text becomes what `str` makes of it."""
    kyros_obs.gauge("printed", labels=["kind"]).set(3, kind=value)
    assert seen.metric("printed", kind=str(value) if text is None else text) == 3


def test_labels_come_in_any_order(seen: Captured) -> None:
    """Names decide, not places."""
    made = kyros_obs.histogram("ordered", labels=["a", "b", "c"])
    made.observe(1, a="1", b="2", c="3")
    made.observe(1, c="3", a="1", b="2")
    assert seen.metric("ordered_count", a="1", b="2", c="3") == 2


def test_a_value_that_can_not_be_printed_costs_the_sample(seen: Captured) -> None:
    """It is counted as a failure, and raises nothing."""
    kyros_obs.counter("odd_total", labels=["kind"]).inc(kind=Unprintable())
    assert seen.metric("odd_total") == 0
    assert seen.metric("kyros_instrumentation_errors_total", component="metrics") == 1


def test_a_counter_does_not_go_down(seen: Captured) -> None:
    """An amount that is negative counts as a failure."""
    made = kyros_obs.counter("downward_total")
    made.inc(2)
    made.inc(-1)
    assert seen.metric("downward_total") == 2
    assert seen.metric("kyros_instrumentation_errors_total", component="metrics") == 1


def test_an_interruption_goes_through(seen: Captured) -> None:
    """What is no failure of the instrumentation is the caller's."""
    with pytest.raises(KeyboardInterrupt):
        kyros_obs.counter("interrupted_total", labels=["kind"]).inc(
            kind=Unprintable(KeyboardInterrupt)
        )
    assert seen.metric("kyros_instrumentation_errors_total", component="metrics") == 0


def test_labels_that_are_fixed(seen: Captured) -> None:
    """A metric with fixed labels feeds the same series as the metric."""
    counted = kyros_obs.counter("fixed_total", labels=["kind", "queue"])
    counted.inc(kind="a", queue="b")
    counted.labels(queue="b", kind="a").inc(2)
    queue = kyros_obs.gauge("queue_length", labels=["kind"]).labels(kind=1)
    queue.set(5)
    queue.dec()
    rows = kyros_obs.histogram("fixed_rows", labels=["kind"]).labels(kind="a")
    rows.observe(3)
    assert seen.metric("fixed_total", kind="a", queue="b") == 3
    assert seen.metric("queue_length", kind="1") == 4
    assert seen.metric("fixed_rows_sum", kind="a") == 3


def test_fixed_labels_follow_the_runtime() -> None:
    """What was fixed before there is a runtime counts in each."""
    made = kyros_obs.counter("early_fixed_total", labels=["kind"]).labels(kind="a")
    for _ in range(2):
        with capture() as seen:
            made.inc()
            assert seen.metric("early_fixed_total", kind="a") == 1


@pytest.mark.parametrize("fixed", [{}, {"other": "b"}, {"kind": "a", "other": "b"}])
def test_other_labels_than_are_declared_can_not_be_fixed(fixed: dict[str, Any]) -> None:
    """It is said at once, as what is wrong with a declaration is."""
    made = kyros_obs.counter("wrongly_fixed_total", labels=["kind"])
    with pytest.raises(ValueError, match=r"labels of `wrongly_fixed_total`: expected \['kind'\]"):
        made.labels(**fixed)
    with pytest.raises(ValueError, match=r"expected \[\], got \['kind'\]"):
        made.labels(kind="a").labels(kind="b")


def test_a_value_that_can_not_be_printed_can_be_fixed(seen: Captured) -> None:
    """Each sample then is a failure, and nothing is raised."""
    made = kyros_obs.counter("wrongly_fixed_total", labels=["kind"]).labels(kind=Unprintable())
    made.inc()
    made.inc()
    assert seen.metric("wrongly_fixed_total") == 0
    assert seen.metric("kyros_instrumentation_errors_total", component="metrics") == 2


def test_fixed_labels_take_no_others(seen: Captured) -> None:
    """A call that names a label again is a failure."""
    kyros_obs.counter("again_total", labels=["kind"]).labels(kind="a").inc(kind="b")
    assert seen.metric("again_total") == 0
    assert 'expected [], got ["kind"]' in seen.lines[-1]["message"]


def test_label_values_are_bounded(seen: Captured) -> None:
    """Ten thousand values make a bounded number of series, and nothing is lost from the sum."""
    many = kyros_obs.counter("many_total", labels=["tenant_id"])
    for number in range(10_000):
        many.inc(tenant_id=f"tenant-{number}")
    assert seen.metric("many_total") == 10_000
    assert len(seen.samples("many_total")) < 2_000
    assert seen.metric("kyros_series_overflow_total") > 0

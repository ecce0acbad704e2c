"""What tests of a service use: `kyros_obs.testing`."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI

import kyros_obs
from kyros_obs import _state
from kyros_obs.testing import Captured, capture
from tests.clients import AsgiClient


def test_capture_gives_back_what_was_there() -> None:
    """Captures nest, see only their own, and leave runtime, level and handlers as they were."""
    root = logging.getLogger()
    before = (_state.active(), root.level, root.handlers)
    with capture() as outer:
        kyros_obs.event("first")
        with capture() as inner:
            kyros_obs.event("second")
        kyros_obs.event("third")
    assert [line["event"] for line in outer.lines] == ["first", "third"]
    assert [line["event"] for line in inner.lines] == ["second"]
    assert (_state.active(), root.level, root.handlers) == before


def test_an_application_that_configures_itself_is_captured(seen: Captured, tmp_path: Path) -> None:
    """`configure` in the code under test leaves the capture in place."""

    def make_app() -> FastAPI:
        kyros_obs.configure(service="api", spool_dir=tmp_path)
        return kyros_obs.instrument(FastAPI())

    AsgiClient(make_app()).get("/healthz")
    assert seen.metric("http_requests_total", endpoint="/healthz") == 1
    assert list(tmp_path.iterdir()) == []


def test_metric_sums_what_has_the_labels(seen: Captured) -> None:
    """Labels that are not named don't matter, and a metric without samples is 0."""
    kyros_obs.event("login", outcome="success")
    kyros_obs.event("login", outcome="failure")
    assert seen.metric("kyros_events_total", event="login") == 2
    assert seen.metric("kyros_events_total", event="login", outcome="failure") == 1
    assert seen.metric("no_such_metric") == 0


def test_label_values_are_read_as_they_were_given(seen: Captured) -> None:
    """Quotes, backslashes, line feeds and braces come back unescaped."""
    strange = 'a "quoted" \\ back\nslash {brace} = , end'
    kyros_obs.counter("strange_total", labels=["kind"]).inc(kind=strange)
    assert seen.metric("strange_total", kind=strange) == 1


@pytest.mark.parametrize("sink", ["line", "audit", "metric"])
def test_assert_no_leak(seen: Captured, sink: str) -> None:
    """A text in any of the three sinks fails, with the sink's name."""
    emit: dict[str, Callable[[], object]] = {
        "line": lambda: kyros_obs.event("canary-7f3a"),
        "audit": lambda: kyros_obs.audit("view_dashboard", resource="canary-7f3a"),
        "metric": lambda: kyros_obs.counter("c_total", labels=["kind"]).inc(kind="canary-7f3a"),
    }
    emit[sink]()
    seen.assert_no_leak("other")
    with pytest.raises(AssertionError, match=sink):
        seen.assert_no_leak("canary-7f3a")

"""See in a test what an application would have emitted.

A test of a service reads:

    with kyros_obs.testing.capture() as seen:
        client.get("/api/me")
    assert seen.metric("http_requests_total", endpoint="/api/me", code="200") == 1
    assert seen.lines[-1]["tenant_id"] == tenant
    seen.assert_no_leak(token, password)
"""

import json
import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from kyros_obs import _state
from kyros_obs._native import Runtime
from kyros_obs._vocabulary import SETTING_SERVICE, SETTING_SPOOL_DIR
from kyros_obs.logs import Bridge, least_level

_SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+).*")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Sample(NamedTuple):
    """One line of the exposition."""

    name: str
    labels: dict[str, str]
    value: float


class Captured:
    """What a runtime has emitted since `capture` began."""

    def __init__(self, runtime: Runtime) -> None:
        """Look at a capturing runtime."""
        self.runtime = runtime

    @property
    def lines(self) -> list[dict[str, Any]]:
        """All log lines, parsed."""
        return [json.loads(line) for line in self.runtime.lines()]

    @property
    def audit(self) -> list[dict[str, Any]]:
        """All audit events, parsed."""
        return [json.loads(event) for event in self.runtime.audit_events()]

    @property
    def exposition(self) -> str:
        """What a scrape would read."""
        return self.runtime.scrape(None, None)[0].decode()

    def samples(self, name: str, **labels: str) -> list[Sample]:
        """The samples of that name that have at least these labels."""
        found = (_parse(line) for line in self.exposition.splitlines() if line.startswith(name))
        return [
            sample
            for sample in found
            if sample is not None
            and sample.name == name
            and labels.items() <= sample.labels.items()
        ]

    def metric(self, name: str, **labels: str) -> float:
        """The sum over the samples of that name that have at least these labels; 0 without any."""
        return sum(sample.value for sample in self.samples(name, **labels))

    def access_lines(self) -> list[dict[str, Any]]:
        """The lines that were written for requests."""
        return [line for line in self.lines if line["event"] == "access"]

    def assert_no_leak(self, *secrets: str) -> None:
        """Fail where one of the texts is in a line, an audit event or a metric."""
        sinks = {
            "log line": self.runtime.lines(),
            "audit event": self.runtime.audit_events(),
            "metric": self.exposition.splitlines(),
        }
        leaks = [
            f"{sink}: {text}"
            for sink, texts in sinks.items()
            for text in texts
            if any(secret in text for secret in secrets)
        ]
        assert not leaks, "leaked into " + "\n".join(leaks)  # noqa: S101 - this is for tests


@contextmanager
def capture(**settings: str) -> Iterator[Captured]:
    """Put a runtime in place that keeps what it emits, and give back the other one afterwards.

    An application that calls `configure` meanwhile keeps this one.
    """
    with tempfile.TemporaryDirectory() as spool:
        given = {SETTING_SERVICE: "test", SETTING_SPOOL_DIR: spool, **settings}
        runtime = Runtime.capture(given)
        predecessor = _state.activate(_state.Active(runtime, given, captures=True))
        try:
            with _bridged(least_level(runtime)):
                yield Captured(runtime)
        finally:
            _state.activate(predecessor)
            runtime.close()


@contextmanager
def _bridged(least: int) -> Iterator[None]:
    """Have the root logger write to the runtime, whatever its level and handlers are otherwise."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    bridge = Bridge(least)
    root.handlers = [handler for handler in handlers if not isinstance(handler, Bridge)]
    root.addHandler(bridge)
    root.setLevel(least)
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)


def _parse(line: str) -> Sample | None:
    match = None if line.startswith("#") else _SAMPLE.fullmatch(line)
    if match is None:
        return None
    labels = {name: _unescape(value) for name, value in _LABEL.findall(match["labels"] or "")}
    return Sample(match["name"], labels, float(match["value"]))


def _unescape(value: str) -> str:
    return re.sub(r"\\(.)", lambda escape: {"n": "\n"}.get(escape[1], escape[1]), value)

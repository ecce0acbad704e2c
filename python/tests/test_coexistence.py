"""Other telemetry in the same process: one server span in all, and one trace in all places."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clusters import environment
from tests.coexisting import CALLED, TENANT
from tests.otlp import SERVER, Receiver, Span, receiving

#: The interpreter that has the packages of the others.
PEERS = Path(os.environ.get("KYROS_PEERS_PYTHON") or Path(sys.prefix, "../.venv-peers/bin/python"))

#: Whose span it is where both could make one: theirs, none, or ours with their trace.
THEIRS, NOBODYS, OURS = "theirs", "nobody's", "ours"
WINNERS = {
    "native": THEIRS,
    "mounted": THEIRS,
    "around": OURS,
    "contrib": THEIRS,
    "contrib-unsampled": NOBODYS,
    "asgi": THEIRS,
    "logfire": THEIRS,
    "sentry": THEIRS,
    "sentry-streamed": THEIRS,
    "sentry-around": OURS,
    "sentry-unsampled": OURS,
    "sentry-untraced": OURS,
    "quart": THEIRS,
    "flask": THEIRS,
    "wsgi": THEIRS,
    "logfire-flask": THEIRS,
    "sentry-flask": THEIRS,
}
#: A stack that was built takes no more middleware, and Flask no more guards.
UNSERVED = {"asgi", "flask", "logfire", "logfire-flask"}
CASES = [
    (peer, order)
    for peer in WINNERS
    for order in ("before", "after", "served")
    if order != "served" or peer not in UNSERVED
]


@dataclass(frozen=True)
class Seen:
    """What a process has said of one request."""

    lines: list[dict[str, Any]]
    summary: dict[str, Any]

    @property
    def line(self) -> dict[str, Any]:
        """That of the request itself, which ends last."""
        return self.lines[-1] if self.lines else {}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of our spans."""
    with receiving() as running:
        yield running


def run(directory: Path, *arguments: str, module: str = "tests.coexisting") -> list[Seen]:
    """Run a process of the peers; its requests."""
    assert PEERS.is_file(), f"no environment of the peers: {PEERS}: hint: make .venv-peers/.ready"
    python = str(Path(__file__).parent.parent)
    variables = {"PYTHONPATH": python, "KYROS_OBS_LOG_LEVEL": "", "OTEL_BSP_SCHEDULE_DELAY": "50"}
    ended = subprocess.run(  # noqa: S603 - the module is here
        [str(PEERS), "-m", module, *arguments],
        env={**environment(directory, variables), "PYTHONPATH": python},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found: list[Seen] = []
    lines: list[dict[str, Any]] = []
    for written in map(json.loads, ended.stdout.splitlines()):
        if written.get("event") in {"access", "websocket"}:
            lines.append(written)
        elif "answered" in written:
            found.append(Seen(lines, written))
            lines = []
    return found


@pytest.mark.parametrize(("peer", "order"), CASES)
def test_one_span_and_one_trace(tmp_path: Path, receiver: Receiver, peer: str, order: str) -> None:
    """In every order, with an exporter of ours and without."""
    without, with_exporter = run(tmp_path, peer, order, receiver.endpoint)
    winner = WINNERS[peer]
    check(without, [], winner, has_exporter=False)
    check(with_exporter, receiver.spans, winner, has_exporter=True)


@pytest.mark.parametrize("peer", ["native", "contrib", "logfire", "sentry", "sentry-untraced"])
def test_the_trace_of_a_caller_goes_on(tmp_path: Path, receiver: Receiver, peer: str) -> None:
    """Everybody is in it, and what serves is below the caller."""
    seen = run(tmp_path, peer, "after", receiver.endpoint, "called")
    _, trace, caller, _ = CALLED.split("-")
    for one in seen:
        assert one.line["trace_id"] == trace
        assert {span["trace_id"] for span in servers(one)} <= {trace}
    check(seen[1], receiver.spans, WINNERS[peer], has_exporter=True)
    theirs = [span["parent"] for span in servers(seen[1])]
    assert theirs + [span.parent for span in receiver.spans] == [caller]


@pytest.mark.parametrize("peer", ["native", "contrib", "asgi", "logfire", "sentry"])
def test_a_websocket(tmp_path: Path, receiver: Receiver, peer: str) -> None:
    """Their span is the conversation's, as it is a request's."""
    (seen,) = run(tmp_path, "socket", peer, receiver.endpoint)
    trace, span = seen.line["trace_id"], seen.line["span_id"]
    (theirs,) = servers(seen)
    assert (theirs["trace_id"], theirs["span_id"], theirs["tenant"]) == (trace, span, TENANT)
    (heard,) = seen.summary["heard"]
    assert heard["traceparent"].split("-")[1:3] == [trace, span]
    assert receiver.spans == []


def test_two_applications(tmp_path: Path) -> None:
    """Each is its own peer's: ours has no span of theirs, and theirs no line of ours."""
    ours, theirs = run(tmp_path, "two")
    assert (len(servers(ours)), len(servers(theirs))) == (0, 1)
    assert ours.summary["answered"]
    assert ours.summary["heard"] != [{}]
    assert (theirs.summary["answered"], theirs.summary["heard"]) == (None, [{}])


def test_a_request_within_another(tmp_path: Path) -> None:
    """The span of the outer one is none of the inner one's."""
    (seen,) = run(tmp_path, "calling")
    inner, outer = seen.lines
    assert [span["span_id"] for span in servers(seen)] == [outer["span_id"]]
    assert inner["span_id"] != outer["span_id"]


def test_what_raises_is_counted(tmp_path: Path, receiver: Receiver) -> None:
    """A span that can't be asked costs nothing but the question."""
    for seen in run(tmp_path, "raising", "before", receiver.endpoint):
        assert seen.line["status"] == 200
        (failure,) = seen.summary["failures"]
        assert 'component="foreign"' in failure
    (span,) = receiver.spans
    assert (span.trace_id, span.kind) == (seen.line["trace_id"], SERVER)


def check(seen: Seen, ours: list[Span], winner: str, *, has_exporter: bool) -> None:
    """One span at most, and one trace everywhere."""
    line, summary = seen.line, seen.summary
    trace, span = line["trace_id"], line["span_id"]
    theirs = [(one["trace_id"], one["span_id"], one["tenant"]) for one in servers(seen)]
    mine = [
        (one.trace_id, one.span_id, one.attributes["kyros.tenant_id"])
        for one in ours
        if one.kind == SERVER
    ]
    expected = [(trace, span, TENANT)]
    assert theirs == (expected if winner == THEIRS else [])
    assert mine == (expected if winner == OURS and has_exporter else [])
    ((told,),) = ([heard["traceparent"] for heard in summary["heard"]],)
    assert told == summary["answered"]
    assert told.split("-")[1:3] == [trace, span]
    assert told.endswith(("0", "2")) == (winner == NOBODYS)
    assert summary["audited"] == [trace]
    assert trace in summary["exemplars"]
    assert summary["failures"] == []
    assert line["tenant_id"] == TENANT


def servers(seen: Seen) -> list[dict[str, Any]]:
    """Their spans of the request itself."""
    return [span for span in seen.summary["exported"] if span["kind"] == "SERVER"]

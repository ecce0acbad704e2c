"""What Loki and Postgres answer, and what is said where a store doesn't."""

import json
from contextlib import closing

import httpx
import pytest

from kyros_obs.preview.failure import PreviewError, QuestionError
from kyros_obs.preview.loki import Loki
from kyros_obs.preview.postgres import Postgres
from kyros_obs.preview.prometheus import Prometheus
from kyros_obs.preview.rendering import dashboards
from kyros_obs.preview.timerange import TimeRange
from tests.preview import recorded

PERIOD = TimeRange(0, 60)


def answering(status: int, body: object) -> httpx.Client:
    """A client whose server always says the same."""
    text = body if isinstance(body, str) else json.dumps(body)
    return httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(status, text=text)))


def test_lines() -> None:
    """Newest first, with the fields of a line in JSON and of its stream."""
    values = [["1000000000", '{"level": "error", "message": "no"}'], ["2000000000", "plain"]]
    body = {"data": {"result": [{"stream": {"service": "s"}, "values": values}]}}
    lines = Loki("http://loki", answering(200, body)).lines("{}", PERIOD)
    assert [(line.moment, line.level, line.text) for line in lines] == [
        (2.0, "", "plain"),
        (1.0, "error", values[0][1]),
    ]
    assert lines[1].fields == {"level": "error", "message": "no", "service": "s"}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, "parse error at line 1", "Loki refused the query: parse error at line 1"),
        (200, {"data": {}}, "Loki answered with no log lines"),
    ],
)
def test_no_lines(status: int, body: object, said: str) -> None:
    """What is wrong."""
    with pytest.raises(QuestionError, match=said):
        Loki("http://loki", answering(status, body)).lines("{}", PERIOD)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, {"status": "error", "error": "parse error"}, "refused the query: parse error"),
        (502, "<html>", "answered 502, and no JSON"),
    ],
)
def test_no_series(status: int, body: object, said: str) -> None:
    """What is wrong."""
    with pytest.raises(QuestionError, match=said):
        Prometheus("http://prometheus", answering(status, body)).at("up", 0)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"status": "success", "data": {"yaml": "global:\n  scrape_interval: 2s\n"}}, 2),
        ({"status": "success", "data": {"yaml": "{}"}}, 15),
        ({"status": "error", "error": "not found"}, 15),
    ],
)
def test_scrape_interval(body: object, seconds: float) -> None:
    """What the configuration says, else what is usual."""
    assert Prometheus("http://prometheus", answering(200, body)).scrape_interval() == seconds


def test_nobody_there() -> None:
    """A store that doesn't answer is named."""
    port = recorded.free_port()
    with (
        closing(Prometheus(f"http://127.0.0.1:{port}")) as prometheus,
        pytest.raises(QuestionError, match="Prometheus does not answer"),
    ):
        prometheus.at("up", 0)
    with pytest.raises(QuestionError, match="Postgres refused the query"):
        Postgres(f"host=127.0.0.1 port={port}").rows("SELECT 1")


def test_native_dashboards() -> None:
    """Without a directory they are those that this version generates."""
    assert set(dashboards(None, None)) == set(dashboards(recorded.DASHBOARDS, None))


def test_no_dashboards() -> None:
    """A directory with none says so."""
    with pytest.raises(PreviewError, match="no dashboards in"):
        dashboards(recorded.ROOT / "crates", None)

"""What Loki and Postgres answer, and what is said where a store doesn't."""

import json
from contextlib import closing

import httpx
import pytest

from kyros_obs.preview.answers import Sources, ask
from kyros_obs.preview.dashboards import dashboard_of
from kyros_obs.preview.failure import PreviewError, QuestionError
from kyros_obs.preview.loki import Loki
from kyros_obs.preview.postgres import Postgres, Rows
from kyros_obs.preview.prometheus import Prometheus
from kyros_obs.preview.rendering import dashboards
from kyros_obs.preview.timerange import TimeRange
from kyros_obs.preview.view import View
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
    with pytest.raises(QuestionError, match="Postgres can't be connected to"):
        Postgres(f"host=127.0.0.1 port={port}").rows("SELECT 1")


@pytest.mark.parametrize(
    "address", ["postgres//u:planted@h/db", "postgresql://u:p%zz-planted@h/db", "planted"]
)
def test_no_address(address: str) -> None:
    """What is none is in no message: it may be a password."""
    with pytest.raises(PreviewError, match="`--postgres` is no address") as raised:
        Postgres(address)
    assert "planted" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_no_address_in_failures() -> None:
    """Neither is a part of one that can't be reached."""
    address = "postgresql://u:half@planted@127.0.0.1:1/db"
    with pytest.raises((QuestionError, PreviewError)) as raised:
        Postgres(address).rows("SELECT 1")
    assert "planted" not in str(raised.value)


def test_texts_stay_texts() -> None:
    """No value ends the text of SQL that it stands in, whatever else is chosen beside it."""
    model = {
        "uid": "u",
        "title": "t",
        "templating": {"list": [{"name": "tenant", "type": "query", "multi": True, "query": ""}]},
        "panels": [
            {
                "id": 1,
                "type": "table",
                "title": "rows",
                "gridPos": {"x": 0, "y": 0, "w": 24, "h": 8},
                "datasource": {"type": "grafana-postgresql-datasource"},
                "targets": [{"refId": "A", "rawSql": "SELECT 1 WHERE tenant IN ($tenant)"}],
            }
        ],
    }
    dashboard, asked = dashboard_of(model), Asked()
    sources = Sources(Prometheus("http://prometheus", answering(200, {})), postgres=asked)
    for beside in ([], ["$__all"]):
        view = View({"tenant": [*beside, "x'); COMMIT; --"]})
        ask(sources, dashboard, dashboard.panels[0], view)
        assert "'x''); COMMIT; --'" in asked.queries.pop()


class Asked(Postgres):
    """Keeps what it is asked."""

    def __init__(self) -> None:
        super().__init__("host=nowhere")
        self.queries: list[str] = []

    def rows(self, query: str) -> Rows:
        """Answer nothing."""
        self.queries.append(query)
        return Rows([], [])


def test_native_dashboards() -> None:
    """Without a directory they are those that this version generates."""
    assert set(dashboards(None, None)) == set(dashboards(recorded.DASHBOARDS, None))


def test_no_dashboards() -> None:
    """A directory with none says so."""
    with pytest.raises(PreviewError, match="no dashboards in"):
        dashboards(recorded.ROOT / "crates", None)

"""Spans: one of each request and of each callback arrives where the environment says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kyros_obs import ConfigError, configure
from tests.clusters import environment
from tests.otlp import CLIENT, ERROR, INTERNAL, SERVER, Receiver, receiving

TENANT = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10"
TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"

API = """
import sys
from fastapi import FastAPI
import kyros_obs
from tests.clients import AsgiClient

kyros_obs.configure(service="api", env="test")
app = FastAPI()

@app.get("/items/{item_id}")
def item(item_id: int) -> int:
    kyros_obs.bind(tenant_id=TENANT, tenant_slug="client-a")
    return item_id

@app.get("/broken")
def broken() -> None:
    raise RuntimeError("broken")

kyros_obs.instrument(app)
client = AsgiClient(app)
"""


def run(receiver: Receiver, directory: Path, script: str, **variables: str) -> str:
    """Run a script that exports to the receiver; what it has written."""
    named = {**receiver.environment, **variables, "KYROS_OBS_LOG_LEVEL": "info"}
    script = f"TENANT = {TENANT!r}\nCALLER = '00-{TRACE}-{CALLER}-'\n{script}"
    ended = subprocess.run(  # noqa: S603 - the scripts are here
        [sys.executable, "-c", script],
        env=environment(directory, named),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_a_request_is_a_span(tmp_path: Path) -> None:
    """It says what the access line says, and arrives though the process ends at once."""
    with receiving() as receiver:
        call = 'client.get("/items/7", headers={"traceparent": CALLER + "01"})'
        written = run(receiver, tmp_path, API + call, OTEL_BSP_SCHEDULE_DELAY="3600000")
    lines = [json.loads(line) for line in written.splitlines()]
    (line,) = (line for line in lines if line["event"] == "access")
    span = receiver.named("GET /items/{item_id}")
    assert (span.trace_id, span.span_id) == (line["trace_id"], line["span_id"])
    assert (span.trace_id, span.parent) == (TRACE, CALLER)
    assert (span.kind, span.status) == (SERVER, 0)
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/items/{item_id}",
        "http.response.status_code": 200,
        "http.response.body.size": 1,
        "kyros.tenant_id": TENANT,
        "kyros.tenant_slug": "client-a",
    }
    assert span.resource["service.name"] == "api"
    assert span.resource["deployment.environment.name"] == "test"
    assert (span.end - span.start) / 1e6 == pytest.approx(line["latency_ms"], abs=0.001)


def test_failures_and_unmatched_requests(tmp_path: Path) -> None:
    """A span has failed where the server has; a path that no route took is no name."""
    calls = 'client.get("/broken"); client.get("/nowhere/3"); client.request("BREW", "/broken")'
    with receiving() as receiver:
        run(receiver, tmp_path, API + calls)
    broken = receiver.named("GET /broken")
    assert (broken.status, broken.attributes["error.type"]) == (ERROR, "500")
    assert "kyros.outcome" not in broken.attributes
    assert (broken.parent, broken.attributes.get("kyros.tenant_id")) == ("", None)
    unmatched = receiver.named("GET")
    assert (unmatched.status, unmatched.attributes["http.response.status_code"]) == (0, 404)
    assert "http.route" not in unmatched.attributes
    other = next(span for span in receiver.spans if span.name.startswith("HTTP"))
    assert other.attributes["http.request.method"] == "_OTHER"


ENDS = """
import asyncio
from contextlib import suppress
import kyros_obs
from tests.test_outcomes import MORE, START, polling, sending, serve
from tests.test_websockets import ACCEPT, CLOSE, DENIAL, GONE, converse, talking

kyros_obs.configure(service="api", env="test")
BROKEN = RuntimeError("broken")
"""


def test_what_cuts_an_answer_short(tmp_path: Path) -> None:
    """To leave one unfinished is an error of the service; that the client is gone is none."""
    script = """
for app in (
    sending(START, MORE, error=BROKEN),
    sending(START, MORE),
    polling(START, MORE),
    sending(START, MORE, error=asyncio.CancelledError()),
):
    with suppress(asyncio.CancelledError):
        asyncio.run(serve(app))
"""
    with receiving() as receiver:
        run(receiver, tmp_path, ENDS + script)
    names = ("http.response.status_code", "kyros.outcome", "error.type")
    assert ends(receiver, *names) == [
        (ERROR, 200, "aborted", "aborted"),
        (ERROR, 200, "aborted", "aborted"),
        (0, 200, "disconnected", None),
        (0, 200, "cancelled", None),
    ]


def test_a_websocket_is_a_span(tmp_path: Path) -> None:
    """One for a conversation, however many messages it has; or for a handshake that is refused."""
    script = """
for app in (
    talking(ACCEPT, *[{"type": "websocket.send", "text": "x"}] * 3, CLOSE),
    talking(ACCEPT, receives=1),
    talking(ACCEPT, error=BROKEN),
    talking(CLOSE),
    talking(*DENIAL),
    talking(error=BROKEN),
):
    converse(app)
converse(talking(ACCEPT, receives=1), {"type": "websocket.disconnect", "code": 1011})
"""
    with receiving() as receiver:
        run(receiver, tmp_path, ENDS + script)
    names = ("http.response.status_code", "kyros.close_code", "error.type")
    assert ends(receiver, *names) == [
        (0, 101, 4001, None),
        (0, 101, 1001, None),
        (ERROR, 101, 1011, "1011"),
        (0, 403, None, None),
        (0, 401, None, None),
        (ERROR, 500, None, "500"),
        (0, 101, 1011, None),
    ]
    for span in receiver.spans:
        assert (span.name, span.kind) == ("GET", SERVER)
        assert span.attributes["network.protocol.name"] == "websocket"


def test_a_websocket_that_has_a_route(tmp_path: Path) -> None:
    """It is named as a request, continues the caller's trace, and says whose it is."""
    script = """
import asyncio
from fastapi import WebSocket

@app.websocket("/rooms/{room}")
async def room(websocket: WebSocket, room: str) -> None:
    kyros_obs.bind(tenant_id=TENANT)
    await websocket.accept()
    await websocket.close()

async def receive():
    return {"type": "websocket.connect"}

async def send(message):
    pass

headers = [(b"traceparent", f"{CALLER}01".encode())]
scope = {"type": "websocket", "path": "/rooms/7", "query_string": b"", "headers": headers}
asyncio.run(app(scope, receive, send))
"""
    with receiving() as receiver:
        run(receiver, tmp_path, API + script)
    span = receiver.named("GET /rooms/{room}")
    assert (span.trace_id, span.parent, span.kind) == (TRACE, CALLER, SERVER)
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/rooms/{room}",
        "http.response.status_code": 101,
        "network.protocol.name": "websocket",
        "kyros.close_code": 1000,
        "kyros.tenant_id": TENANT,
    }


def ends(receiver: Receiver, *names: str) -> list[tuple[object, ...]]:
    """Status and attributes of the spans, in the order of their begin."""
    spans = sorted(receiver.spans, key=lambda span: span.start)
    return [(span.status, *map(span.attributes.get, names)) for span in spans]


@pytest.mark.parametrize(
    ("sampler", "flags", "arriving"),
    [
        ("", "01", 1),
        ("", "00", 0),
        ("always_on", "00", 1),
        ("always_off", "01", 0),
        ("parentbased_always_off", "01", 1),
    ],
)
def test_sampling(tmp_path: Path, sampler: str, flags: str, arriving: int) -> None:
    """The caller decides, unless the sampler says otherwise."""
    call = f'client.get("/items/7", headers={{"traceparent": CALLER + "{flags}"}})'
    with receiving() as receiver:
        run(receiver, tmp_path, API + call, OTEL_TRACES_SAMPLER=sampler)
    assert len(receiver.spans) == arriving


DASH = """
import dash
from dash import Input, Output, html
import kyros_obs
from tests.clients import target, trigger

kyros_obs.configure(service="dash-app", env="test")
app = dash.Dash("app", url_base_pathname="/dash/clv/")
app.layout = html.Div()

@app.callback(Output("fine", "children"), Input("go", "n_clicks"))
def fine(clicks: int) -> str:
    kyros_obs.bind(tenant_id=TENANT)
    return str(clicks)

@app.callback(Output("broken", "children"), Input("go", "n_clicks"))
def broken(_clicks: int) -> str:
    raise RuntimeError("broken")

kyros_obs.instrument(app)
for name in ["fine", "broken"]:
    outputs = target(name, "children")
    trigger(app.server, f"{name}.children", outputs, ("go", "n_clicks", 1), prefix="/dash/clv/")
"""


def test_a_callback_is_a_span_below_its_request(tmp_path: Path) -> None:
    """It shares the trace, and says which application and how it ended."""
    with receiving() as receiver:
        run(receiver, tmp_path, DASH)
    fine, broken = receiver.named("fine.children"), receiver.named("broken.children")
    assert fine.attributes == {
        "kyros.app_slug": "clv",
        "kyros.callback": "fine.children",
        "kyros.callback_id": "fine.children",
        "code.function.name": "__main__.fine",
        "kyros.outcome": "ok",
        "kyros.tenant_id": TENANT,
    }
    assert (fine.kind, fine.status, broken.status) == (INTERNAL, 0, ERROR)
    for callback in [fine, broken]:
        (request,) = (span for span in receiver.spans if span.span_id == callback.parent)
        assert (request.kind, request.trace_id) == (SERVER, callback.trace_id)
        assert request.start <= callback.start <= callback.end <= request.end
        assert "POST" in request.name


QUERYING = """
import dash
import sqlalchemy
from dash import Input, Output, html
import kyros_obs
from tests.clients import target, trigger

kyros_obs.configure(service="dash-app", env="test")
engine = kyros_obs.instrument_sqlalchemy(sqlalchemy.create_engine("sqlite://"))
app = dash.Dash("app")
app.layout = html.Div()

@app.callback(Output("rows", "children"), Input("go", "n_clicks"))
def rows(_clicks: int) -> str:
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("select 1"))
    return kyros_obs.trace_headers()["traceparent"]

kyros_obs.instrument(app)
answer = trigger(app.server, "rows.children", target("rows", "children"), ("go", "n_clicks", 1))
print("told", answer.json["response"]["rows"]["children"])
"""


def test_what_a_callback_waits_for_is_below_its_span(tmp_path: Path) -> None:
    """A statement, and what is called with its headers."""
    with receiving() as receiver:
        written = run(receiver, tmp_path, QUERYING)
    callback, statement = receiver.named("rows.children"), receiver.named("select")
    assert (statement.parent, statement.trace_id) == (callback.span_id, callback.trace_id)
    assert f"told 00-{callback.trace_id}-{callback.span_id}-" in written


FORK = """
import os, signal, threading
import kyros_obs
from kyros_obs import _state
from tests.clusters import samples

def request(template):
    # Without a framework and its client: a child can't wait for what they import in its parent.
    begun = runtime.http("GET", None, None)
    begun.route(template)
    begun.status(200)
    begun.finish()

def busy():
    while not done.wait(0.001):
        request("/items")

kyros_obs.configure(service="api", env="test")
runtime = _state.runtime()
done = threading.Event()
threads = [threading.Thread(target=busy) for _ in range(2)]
for thread in threads:
    thread.start()
children = []
for _ in range(60):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        request("/of-child")
        runtime.close()
        os._exit(0)
    children.append(child)
codes = [os.waitpid(child, 0)[1] for child in children]
done.set()
for thread in threads:
    thread.join()
assert not any(codes), codes
runtime.close()
text = runtime.scrape(None, None)[0].decode()
print("exported", samples(text)["kyros_spans_exported_total"])
"""


def test_children_of_a_fork_export_their_own(tmp_path: Path) -> None:
    """Each span arrives once, from the process that made it; all are counted together."""
    with receiving() as receiver:
        written = run(receiver, tmp_path, FORK)
    exported = float(written.rpartition("exported ")[2])
    theirs = [span for span in receiver.spans if span.name == "GET /of-child"]
    items = [span for span in receiver.spans if span.name == "GET /items"]
    assert len({span.span_id for span in receiver.spans}) == len(receiver.spans) == exported
    assert len(items) == exported - 60
    assert len({span.resource["process.pid"] for span in theirs}) == len(theirs) == 60
    assert len({span.resource["process.pid"] for span in items}) == 1


def test_the_audit_writer_is_measured(tmp_path: Path) -> None:
    """Each insertion is a span, and so is one that fails."""
    dsn = "postgresql://nobody@127.0.0.1:9/none"
    script = """
import kyros_obs
kyros_obs.configure(service="api", env="test")
kyros_obs.audit("view_dashboard")
"""
    with receiving() as receiver:
        run(receiver, tmp_path, script, KYROS_OBS_AUDIT_DSN=dsn)
    assert {span.name for span in receiver.spans} == {"insert audit events"}
    span = receiver.spans[0]
    assert (span.kind, span.status, span.parent) == (CLIENT, ERROR, "")
    assert span.attributes == {
        "db.system.name": "postgresql",
        "db.operation.name": "INSERT",
        "db.operation.batch.size": 1,
    }


def test_a_receiver_that_is_down_costs_spans_and_nothing_else(tmp_path: Path) -> None:
    """Requests are answered, the loss is counted and said, the process ends."""
    script = """
from kyros_obs import _state
assert client.get("/items/7").status_code == 200
runtime = _state.runtime()
runtime.close()
text = runtime.scrape(None, None)[0].decode()
assert 'kyros_spans_dropped_total{reason="closed"} 1' in text, text
"""
    run(Receiver(9), tmp_path, API + script)


def test_problems_of_the_environment_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that can't be followed are refused, without their secrets."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "opaque")
    with pytest.raises(ConfigError) as refused:
        configure(log_level="loud")
    assert "setting `log_level`: no level: loud" in str(refused.value)
    assert "no setting `service`" in str(refused.value)
    assert "`OTEL_EXPORTER_OTLP_PROTOCOL`: no such protocol: http/json" in str(refused.value)
    assert "`OTEL_EXPORTER_OTLP_HEADERS`: no list of headers" in str(refused.value)
    assert "opaque" not in str(refused.value)

"""Instrumentation never raises into the application: faults are injected everywhere."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import dash
import diskcache  # type: ignore[import-untyped]
import flask
import pytest
from dash import Input, Output, html
from fastapi import Depends, FastAPI

import kyros_obs
from kyros_obs import _state, testing
from kyros_obs._native import Runtime
from kyros_obs.asgi import ObservabilityMiddleware
from tests.clients import AsgiClient, call, target, trigger


class PanicException(BaseException):
    """Stands for a panic of the native side."""


class Broken:
    """A runtime, request or callback whose methods all raise; `failed` too, where asked for."""

    def __init__(self, error: type[BaseException], *, working: tuple[str, ...] = ()) -> None:
        self.failures: list[tuple[str, str]] = []
        self._error = error
        self._working = working

    def __getattr__(self, name: str) -> Any:
        return getattr(self, f"_{name}") if name in self._working else self._raise

    def _raise(self, *_args: object, **_kwargs: object) -> None:
        raise self._error("injected")

    def _failed(self, component: str, message: str) -> None:
        self.failures.append((component, message))

    def _http(self, *_args: object) -> "Broken":
        return self

    _callback = _background = _http

    def _setting(self, _name: str) -> str:
        return "true"

    def _asgi(self, scope: Any, send: Any) -> "BrokenSend":
        return BrokenSend(self._error, scope["path"], send)


class BrokenSend(Broken):
    """A request that can send and knows its path, and nothing else."""

    def __init__(self, error: type[BaseException], path: str, send: Any) -> None:
        super().__init__(error)
        self.probe = path
        self._send = send

    def __call__(self, message: Any) -> Any:
        """Send a message."""
        return self._send(message)


#: What begins something to be measured.
RECORDS = ("failed", "http", "asgi", "callback", "background")

FAULTS = {
    "all methods raise": Broken(RuntimeError, working=("failed",)),
    "all methods panic": Broken(PanicException, working=("failed",)),
    "reporting raises too": Broken(RuntimeError),
    "reporting panics too": Broken(PanicException),
    "records raise": Broken(RuntimeError, working=RECORDS),
    "records panic": Broken(PanicException, working=RECORDS),
}


@pytest.fixture(params=FAULTS)
def broken(request: pytest.FixtureRequest) -> Iterator[Broken]:
    """Each fault in turn, in place of the active runtime once applications are instrumented."""
    with testing.capture():
        yield FAULTS[request.param]


def inject(broken: Broken) -> None:
    """Replace the active runtime; `capture` takes the fault away again."""
    _state.activate(_state.Active(cast("Runtime", broken), {}, captures=True))


def use_everything() -> None:
    """Call each public function as an application would in a request."""
    kyros_obs.bind(tenant_id="t", sub="s", email="e@x.example", more=1)
    kyros_obs.event("login", outcome="failure", more=1)
    kyros_obs.audit("view_dashboard", resource="clv", more=1)
    kyros_obs.counter("things_total", labels=["tenant_id"]).inc(tenant_id="t")
    kyros_obs.gauge("things").set(1)
    kyros_obs.histogram("things_seconds").observe(1)
    logging.getLogger("app").error("text %s", 1)


@kyros_obs.observe("observed", audit="view_dashboard")
def observed() -> str:
    """Do it all under the decorator."""
    use_everything()
    return "fine"


def test_asgi(broken: Broken) -> None:
    """A FastAPI application answers as if we were not there."""
    app = FastAPI()

    @app.get("/fine")
    def fine(_bound: None = Depends(use_everything)) -> str:  # noqa: FAST002 - FastAPI's way
        return observed()

    @app.get("/broken")
    def fails() -> None:
        raise ZeroDivisionError

    client = AsgiClient(kyros_obs.instrument(app))
    inject(broken)
    assert client.get("/fine").json() == "fine"
    assert client.get("/broken").status_code == 500
    assert client.get("/metrics").status_code == 404


def test_wsgi(broken: Broken) -> None:
    """A Flask application answers as if we were not there."""
    app = flask.Flask(__name__)
    app.add_url_rule("/fine", view_func=observed)
    app.add_url_rule("/broken", view_func=lambda: str(1 / 0))
    kyros_obs.instrument(app)
    inject(broken)
    assert call(app, "/fine").text == "fine"
    assert call(app, "/broken").status_code == 500
    assert call(app, "/metrics").status_code == 404


def test_answers_that_fail() -> None:
    """What is ours to answer is answered, with 500 where the answer can't be made."""
    working = ("failed", "http", "asgi", "setting")
    with testing.capture():
        asgi = kyros_obs.instrument(FastAPI())
        wsgi = kyros_obs.instrument(flask.Flask("app"))
        inject(Broken(RuntimeError, working=working))
        assert AsgiClient(asgi).get("/metrics").status_code == 500
        assert call(wsgi, "/metrics").status_code == 500


def test_dash(broken: Broken) -> None:
    """A Dash callback runs as if we were not there."""
    app = dash.Dash("app")
    app.layout = html.Div()
    app.callback(Output("fine", "children"), Input("go", "n_clicks"))(lambda _clicks: observed())
    kyros_obs.instrument(app)
    inject(broken)
    answer = trigger(app.server, "fine.children", target("fine", "children"), ("go", "n_clicks", 1))
    assert answer.json["response"]["fine"]["children"] == "fine"


def test_dash_pages(broken: Broken) -> None:
    """Documents and pages are shown as if we were not there."""
    app = dash.Dash("app")
    app.layout = html.Div()
    plain = dash.Dash("plain")
    plain.layout = html.Div()
    kyros_obs.instrument(app)
    inject(broken)
    assert call(app.server, "/").status_code == call(plain.server, "/").status_code == 200


def test_dash_in_the_background(broken: Broken, tmp_path: Path) -> None:
    """A worker runs a function as if we were not there."""
    manager = dash.DiskcacheManager(diskcache.Cache(str(tmp_path)))
    app = kyros_obs.instrument(dash.Dash("app", background_callback_manager=manager))
    options: dict[str, Any] = {"background": True}
    app.callback(Output("fine", "children"), Input("go", "n_clicks"), **options)(observed)
    job = list(manager.func_registry.values())[-1]
    data = {"kyros_obs": {"name": ["app", "fine.children", "fine.children", "observed"]}}
    inject(broken)
    job("result", "progress", [], {"custom_data": data})
    assert manager.handle.get("result") == "fine"


def test_instrument_during_a_fault(broken: Broken) -> None:
    """Instrumenting during a fault leaves a working application."""
    inject(broken)
    assert AsgiClient(kyros_obs.instrument(FastAPI())).get("/x").status_code == 404
    assert call(kyros_obs.instrument(flask.Flask("f")), "/x").status_code == 404
    app = dash.Dash("app")
    app.layout = html.Div()
    assert call(kyros_obs.instrument(app).server, "/").status_code == 200


def test_failures_are_counted() -> None:
    """Each failure is counted for its component, and a component's first one is logged."""
    with testing.capture() as seen:
        for _ in range(3):
            seen.runtime.failed("dash", "RuntimeError: injected")
        assert seen.metric("kyros_instrumentation_errors_total", component="dash") == 3
        assert len(seen.lines) == 1


def test_reports_name_the_component() -> None:
    """The guard says which part failed and how."""
    fault = Broken(RuntimeError, working=("failed",))
    with testing.capture():
        inject(fault)
        kyros_obs.event("login")
    assert fault.failures == [("event", "RuntimeError: injected")]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_what_is_no_failure_goes_through(error: type[BaseException]) -> None:
    """Interruption, exit and cancellation are not ours to swallow."""
    with testing.capture():
        inject(Broken(error, working=("failed",)))
        with pytest.raises(error):
            kyros_obs.event("login")


class Message:
    """A message whose look-ups raise."""

    def __init__(self, error: type[BaseException]) -> None:
        self._error = error

    def __getitem__(self, key: str) -> Any:
        raise self._error("injected")


def panics() -> list[type[BaseException]]:
    """The exception of each native module's panics; raised below ours it goes on as a panic."""
    return [kind for kind in BaseException.__subclasses__() if kind.__name__ == "PanicException"]


def send_in_a_request(message: Any) -> list[Any]:
    """What reaches the server when an application sends a message."""
    received: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(message)

    async def send(message: Any) -> None:
        received.append(message)

    async def serve() -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        await ObservabilityMiddleware(app)(scope, cast("Any", None), send)

    asyncio.run(serve())
    return received


def test_a_message_that_cannot_be_read_is_sent() -> None:
    """Neither an error nor a panic in our `send` keeps a message from the server."""
    with testing.capture() as seen:
        errors: list[type[BaseException]] = [ValueError, *panics()]
        for error in errors:
            message = Message(error)
            assert send_in_a_request(message) == [message]
        failures = seen.metric("kyros_instrumentation_errors_total", component="asgi")
        assert failures == len(errors) > 2


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_message_that_cannot_be_read_is_received(kind: str) -> None:
    """Nor does it keep one from the application; nor from a record that is broken."""
    taken: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        taken.append(await receive())

    async def receive() -> Any:
        return message

    for message in (Message(ValueError), {"type": kind}, {}):
        for fault in (None, FAULTS["records raise"]):
            with testing.capture():
                if fault is not None:
                    inject(fault)
                scope = {"type": kind, "method": "GET", "path": "/", "headers": []}
                asyncio.run(ObservabilityMiddleware(app)(scope, receive, cast("Any", None)))
            assert taken.pop() is message


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_an_interruption_while_a_message_is_read_goes_through(error: type[BaseException]) -> None:
    """As from the guard."""
    with testing.capture(), pytest.raises(error):
        send_in_a_request(Message(error))


class Hostile:
    """Raises wherever it is touched."""

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":
            return Hostile
        raise RuntimeError(name)

    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__


def test_hostile_arguments() -> None:
    """Arguments that raise when they are looked at cost themselves, for a stand-in."""
    stands_for = "<Hostile that can't be printed>"
    with testing.capture() as seen:
        kyros_obs.event("login", thing=Hostile(), more={"deep": [Hostile()]})
        kyros_obs.audit("view_dashboard", thing=Hostile())
        kyros_obs.counter("hostile_total", labels=["a"]).inc(a=Hostile())
        app = FastAPI()

        @app.get("/")
        def root() -> None:
            kyros_obs.bind(tenant_id=Hostile())
            kyros_obs.bind(thing=Hostile())

        assert AsgiClient(kyros_obs.instrument(app)).get("/").status_code == 200
        (access,) = seen.access_lines()
        (event,) = (line for line in seen.lines if line["event"] == "login")
        assert event["fields"] == {"thing": stands_for, "more": {"deep": [stands_for]}}
        assert [(row["action"], row["meta"].get("thing")) for row in seen.audit] == [
            ("login", stands_for),
            ("view_dashboard", stands_for),
        ]
        assert (access["tenant_id"], access["fields"]) == (None, {"thing": stands_for})
        assert seen.metric("hostile_total") == 0
        for component in ("metrics", "context"):
            assert seen.metric("kyros_instrumentation_errors_total", component=component) == 1


def test_endless_arguments() -> None:
    """So do those that contain themselves or are very deep or large."""
    endless: list[object] = []
    endless.append(endless)
    deep: object = 1
    for _ in range(10_000):
        deep = [deep]
    with testing.capture() as seen:
        kyros_obs.event("login", endless=endless, deep=deep, large="x" * 10_000_000)
        kyros_obs.audit("view_dashboard", endless=endless, deep=deep, large="x" * 10_000_000)
        assert all(len(line) < 100_000 for line in seen.runtime.lines())

"""Calls that a request makes are in its trace: real clients, a real server."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import dash
import httpx
import pytest
import requests
import uvicorn
from dash import Input, Output, html
from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse

import kyros_obs
from kyros_obs.testing import Captured
from tests.clients import AsgiClient, target, trigger

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "tracestate": "vendor=1,other=2"}
DEADLINE = 20
NAMES = ("traceparent", "tracestate")


def callee() -> FastAPI:
    """Tells what it was given."""
    app = FastAPI()

    @app.get("/called")
    def called(request: Request) -> dict[str, str]:
        return {name: request.headers[name] for name in NAMES if name in request.headers}

    @app.get("/moved")
    def moved(request: Request) -> RedirectResponse:
        return RedirectResponse(f"http://localhost:{request.url.port}/called")

    return kyros_obs.instrument(app)


@pytest.fixture
def url(seen: Captured) -> Iterator[str]:
    """A server of this process, in a thread of its own."""
    config = uvicorn.Config(callee(), port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    began = time.monotonic()
    while not server.started:
        assert time.monotonic() - began < DEADLINE
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(DEADLINE)


def by_httpx(url: str) -> dict[str, str]:
    """A call."""
    with kyros_obs.propagate(httpx.Client(base_url=url)) as client:
        return dict(client.get("/called").json())


def by_httpx_async(url: str) -> dict[str, str]:
    """A call on an event loop of its own, which has what is current here."""

    async def call() -> dict[str, str]:
        async with kyros_obs.propagate(httpx.AsyncClient(base_url=url)) as client:
            return dict((await client.get("/called")).json())

    with ThreadPoolExecutor() as pool:
        return pool.submit(copy_context().run, asyncio.run, call()).result(DEADLINE)


def by_requests(url: str) -> dict[str, str]:
    """A call."""
    with kyros_obs.propagate(requests.Session()) as session:
        return dict(session.get(f"{url}/called", timeout=DEADLINE).json())


def by_hand(url: str) -> dict[str, str]:
    """A call by a client that we don't know."""
    headers = kyros_obs.trace_headers()
    return dict(httpx.get(f"{url}/called", headers=headers).json())


CALLS = pytest.mark.parametrize("call", [by_httpx, by_httpx_async, by_requests, by_hand])


@CALLS
def test_from_a_dash_callback(seen: Captured, url: str, call: Any) -> None:
    """The API's line is of the callback's trace, and was called from its span."""
    app = dash.Dash("app")
    app.layout = html.Div()
    told: list[dict[str, str]] = []

    @app.callback(Output("fine", "children"), Input("go", "n_clicks"))
    def fine(clicks: int) -> str:
        told.append(call(url))
        return str(clicks)

    kyros_obs.instrument(app)
    click = ("go", "n_clicks", 1)
    trigger(app.server, "fine.children", target("fine", "children"), click, headers=CALLER)
    check(seen, told, caller="/_dash-update-component")


@CALLS
def test_from_a_route(seen: Captured, url: str, call: Any) -> None:
    """The same in a worker thread of FastAPI's."""
    app = FastAPI()
    told: list[dict[str, str]] = []

    @app.get("/calling")
    def calling() -> None:
        told.append(call(url))

    AsgiClient(kyros_obs.instrument(app)).get("/calling", headers=CALLER)
    check(seen, told, caller="/calling")


def test_from_an_asynchronous_route(seen: Captured, url: str) -> None:
    """And on its event loop."""
    app = FastAPI()
    told: list[dict[str, str]] = []

    @app.get("/calling")
    async def calling() -> None:
        async with kyros_obs.propagate(httpx.AsyncClient(base_url=url)) as client:
            told.append((await client.get("/called")).json())

    AsgiClient(kyros_obs.instrument(app)).get("/calling", headers=CALLER)
    check(seen, told, caller="/calling")


def check(seen: Captured, told: list[dict[str, str]], *, caller: str) -> None:
    """One trace, two spans, the one called from the other; what others have left goes on."""
    (given,) = told
    lines = {line["route"]: line for line in two_lines(seen)}
    calling, called = lines[caller], lines["/called"]
    assert {calling["trace_id"], called["trace_id"]} == {TRACE}
    assert calling["span_id"] != called["span_id"]
    assert given["traceparent"] == f"00-{TRACE}-{calling['span_id']}-01"
    assert given["tracestate"] == CALLER["tracestate"]
    assert seen.metric("kyros_instrumentation_errors_total") == 0


def two_lines(seen: Captured) -> list[dict[str, Any]]:
    """The access lines of both; a server writes its own when the client has its answer already."""
    began = time.monotonic()
    while len(seen.access_lines()) < 2:
        assert time.monotonic() - began < DEADLINE
        time.sleep(0.01)
    return seen.access_lines()


@CALLS
def test_outside_of_a_request(url: str, call: Any) -> None:
    """There is no trace to be in."""
    assert call(url) == {}
    assert kyros_obs.trace_headers() == {}


CLIENTS = [httpx.Client, httpx.AsyncClient, requests.Session]


@pytest.mark.parametrize("kind", CLIENTS)
def test_other_clients_carry_nothing(seen: Captured, url: str, kind: Any) -> None:
    """It is for the clients that the application names."""
    kyros_obs.propagate(kind())
    assert within(lambda: httpx.get(f"{url}/called").json()) == {}
    assert within(lambda: requests.get(f"{url}/called", timeout=DEADLINE).json()) == {}


@pytest.mark.parametrize("kind", [httpx.Client, requests.Session])
def test_a_header_of_ones_own_stays(seen: Captured, url: str, kind: Any) -> None:
    """Whoever sets it knows better; what belongs to another trace isn't added to it."""
    with kyros_obs.propagate(kind()) as client:
        own = within(lambda: client.get(f"{url}/called", headers={"traceparent": "own"}).json())
    assert own == {"traceparent": "own"}


@pytest.mark.parametrize("kind", [httpx.Client, requests.Session])
def test_doing_it_again_changes_nothing(seen: Captured, url: str, kind: Any) -> None:
    """Each header is there once."""
    with kyros_obs.propagate(kyros_obs.propagate(kind())) as client:
        given = within(lambda: client.get(f"{url}/called").json())
    assert given["traceparent"].startswith(f"00-{TRACE}-")
    assert given["tracestate"] == CALLER["tracestate"]


@pytest.mark.parametrize("kind", [httpx.Client, requests.Session])
def test_hosts(seen: Captured, url: str, kind: Any) -> None:
    """A redirection to another host takes nothing along."""
    follow = {"follow_redirects": True} if kind is httpx.Client else {}
    with kyros_obs.propagate(kind(**follow), hosts={"127.0.0.1"}) as client:
        assert within(lambda: client.get(f"{url}/called").json()).keys() == set(NAMES)
        assert within(lambda: client.get(f"{url}/moved").json()) == {}
    with kyros_obs.propagate(kind(**follow), hosts=()) as client:
        assert within(lambda: client.get(f"{url}/called").json()) == {}
    with kyros_obs.propagate(kind(**follow)) as client:
        assert within(lambda: client.get(f"{url}/moved").json()).keys() == set(NAMES)


def test_hosts_that_are_a_text() -> None:
    """It would be the hosts of its letters."""
    with httpx.Client() as client, pytest.raises(TypeError, match=r'hosts=\{"kyros-api"\}'):
        kyros_obs.propagate(client, hosts="kyros-api")


@pytest.mark.parametrize("host", ["http://kyros-api", "kyros-api:8000", "kyros-api/v1"])
def test_hosts_that_are_none(host: str) -> None:
    """No call would ever be to one."""
    with httpx.Client() as client, pytest.raises(ValueError, match=f"no host: {host}"):
        kyros_obs.propagate(client, hosts={"::1", host})


def test_a_request_of_httpx_that_is_sent_again(seen: Captured, url: str) -> None:
    """It is of the trace that it is sent in."""
    with kyros_obs.propagate(httpx.Client()) as client:
        request = client.build_request("GET", f"{url}/called")
        first, second = (within(lambda: client.send(request).json()) for _ in range(2))
        assert first["traceparent"] != second["traceparent"]
        assert client.send(request).json() == {}


def test_a_request_of_requests_that_is_sent_again(seen: Captured, url: str) -> None:
    """It is of the trace that it is sent in."""
    with kyros_obs.propagate(requests.Session()) as session:
        request = session.prepare_request(requests.Request("GET", f"{url}/called"))
        first, second = (within(lambda: session.send(request).json()) for _ in range(2))
        assert first["traceparent"] != second["traceparent"]
        assert session.send(request).json() == {}


def test_an_adapter_that_is_mounted_later(seen: Captured, url: str) -> None:
    """It is followed as well, and what it raises is the caller's."""

    class Refusing(requests.adapters.HTTPAdapter):
        def send(self, *args: Any, **_: Any) -> Any:
            raise requests.ConnectionError(max(args[0].headers))

    with kyros_obs.propagate(requests.Session()) as session:
        session.mount(url, Refusing())
        with pytest.raises(requests.ConnectionError, match="tracestate"):
            within(lambda: session.get(f"{url}/called", timeout=DEADLINE))


@pytest.mark.parametrize("kind", [httpx.Client, requests.Session])
def test_a_failure_costs_the_header_alone(
    seen: Captured, url: str, kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call is made, and the failure counted."""

    def failing() -> None:
        raise RuntimeError("failing")

    monkeypatch.setattr("kyros_obs.outgoing.trace_headers", failing)
    with kyros_obs.propagate(kind()) as client:
        assert within(lambda: client.get(f"{url}/called").json()) == {}
    assert seen.metric("kyros_instrumentation_errors_total", component="outgoing") == 1


def test_what_is_no_client() -> None:
    """The message says which there are, and what to do with others."""
    with pytest.raises(TypeError, match=r"`object`: .* httpx.Client.*\n.*trace_headers"):
        kyros_obs.propagate(object())


def within(call: Any) -> Any:
    """Make a call in a request of the caller's trace; what it returns, or raises."""
    app = FastAPI()
    done: list[Any] = []
    raised: list[Exception] = []

    @app.get("/calling")
    def calling() -> None:
        try:
            done.append(call())
        except Exception as error:  # noqa: BLE001 - it is raised again
            raised.append(error)

    with contextlib.suppress(IndexError):
        AsgiClient(kyros_obs.instrument(app)).get("/calling", headers=CALLER)
    if raised:
        raise raised[0]
    return done[0]

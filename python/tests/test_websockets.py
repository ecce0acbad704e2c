"""WebSockets: what is counted of them, and that none of it disturbs the conversation."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from wsproto import ConnectionType, WSConnection, events

import kyros_obs
from kyros_obs.asgi import ObservabilityMiddleware
from kyros_obs.testing import Captured, capture
from tests.serving import DEADLINE, served, until

TENANT = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10"
ACCEPT = {"type": "websocket.accept"}
CLOSE = {"type": "websocket.close", "code": 4001}
GONE = {"type": "websocket.disconnect", "code": 1001}
DENIAL = [
    {"type": "websocket.http.response.start", "status": 401, "headers": []},
    {"type": "websocket.http.response.body", "body": b"no"},
]
Asgi = Callable[[Any, Any, Any], Awaitable[None]]


def talking(*messages: Any, receives: int = 0, error: BaseException | None = None) -> Asgi:
    """An application that sends messages, receives some, and may raise."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)
        for _ in range(receives):
            await receive()
        if error is not None:
            raise error

    return app


BROKEN = RuntimeError("broken")

ENDS: list[tuple[Asgi, int, str]] = [
    (talking(ACCEPT, CLOSE), 101, "4001"),
    (talking(ACCEPT, {"type": "websocket.close"}), 101, "1000"),
    (talking(ACCEPT, {**CLOSE, "code": None}, CLOSE), 101, "1000"),
    (talking(ACCEPT, receives=1), 101, "1001"),
    (talking(ACCEPT, CLOSE, receives=1), 101, "4001"),
    (talking(ACCEPT), 101, "1006"),
    (talking(ACCEPT, error=BROKEN), 101, "1011"),
    (talking(ACCEPT, error=asyncio.CancelledError()), 101, "1006"),
    (talking(CLOSE), 403, "403"),
    (talking(*DENIAL), 401, "401"),
    (talking(error=BROKEN), 500, "500"),
    (talking(), 500, "500"),
    (talking(receives=1), 499, "499"),
    (talking(error=asyncio.CancelledError()), 499, "499"),
]


@pytest.mark.parametrize(("app", "status", "code"), ENDS)
def test_ends(seen: Captured, app: Asgi, status: int, code: str) -> None:
    """Each is one line and one close; an open one has a duration, and none is left open."""
    converse(app)
    (line,) = socket_lines(seen)
    assert (line["status"], line["route"], line["method"]) == (status, "_unmatched", "GET")
    is_open = status == 101
    assert line.get("close_code") == (int(code) if is_open else None)
    assert seen.metric("websocket_closes_total", code=code) == 1
    assert seen.metric("websocket_closes_total") == 1
    assert seen.metric("websocket_duration_seconds_count") == is_open
    assert [sample.value for sample in seen.samples("websocket_connections")] == [0] * is_open
    assert seen.samples("http_requests_total") == []
    assert seen.metric("kyros_instrumentation_errors_total") == 0


@pytest.mark.parametrize(("code", "label"), [(1000, "1000"), (3999, "_other"), (4999, "_other")])
def test_codes_that_clients_state(seen: Captured, code: int, label: str) -> None:
    """A client can't make series of its own; the line has what it said."""
    converse(talking(ACCEPT, receives=1), {**GONE, "code": code})
    assert seen.metric("websocket_closes_total", code=label) == 1
    assert [line["close_code"] for line in socket_lines(seen)] == [code]


def test_refusals_are_security_events(seen: Captured) -> None:
    """As for requests."""
    converse(talking(CLOSE))
    converse(talking(*DENIAL))
    assert seen.metric("kyros_events_total", event="forbidden") == 1
    assert seen.metric("kyros_events_total", event="auth_failed") == 1


@pytest.mark.parametrize(
    ("message", "size"),
    [
        ({"text": "grün"}, 5),
        ({"bytes": b"1234"}, 4),
        ({"bytes": None, "text": "12"}, 2),
        ({"bytes": b"", "text": None}, 0),
        ({"bytes": memoryview(b"123")}, 3),
        ({}, 0),
    ],
)
def test_messages(seen: Captured, message: dict[str, Any], size: int) -> None:
    """Both ways, in messages and bytes, while they go by."""
    during: list[float] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(ACCEPT)
        await receive()
        await send({"type": "websocket.send", **message})
        await send({"type": "websocket.send", **message})
        names = ("websocket_connections", "websocket_messages_total", "websocket_bytes_total")
        during.extend(seen.metric(name) for name in names)

    converse(app, {"type": "websocket.receive", **message})
    assert during == [1, 3, 3 * size]
    for direction, count in (("received", 1), ("sent", 2)):
        assert seen.metric("websocket_messages_total", direction=direction) == count
        assert seen.metric("websocket_bytes_total", direction=direction) == count * size
    (line,) = socket_lines(seen)
    assert (line["bytes"], line["received_bytes"]) == (2 * size, size)


@pytest.mark.parametrize("message", [{"type": 1}, {}, {"type": "websocket.send", "text": 7}])
def test_a_message_that_cannot_be_read_is_sent(seen: Captured, message: dict[str, Any]) -> None:
    """What is wrong with it is the server's to say."""
    assert converse(talking(ACCEPT, message)) == [ACCEPT, message]
    assert seen.metric("kyros_instrumentation_errors_total", component="asgi") == 1


def test_send_that_raises(seen: Captured) -> None:
    """The client is gone; the application learns of it."""
    with pytest.raises(OSError, match="gone"):
        converse(talking(ACCEPT, {"type": "websocket.send", "text": "x"}), refused=1)
    assert [line["close_code"] for line in socket_lines(seen)] == [1006]


def test_tenant_that_is_forgotten_meanwhile(seen: Captured) -> None:
    """Its connections are forgotten with it, and none is counted below nothing."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        kyros_obs.bind(tenant_id=TENANT)
        await send(ACCEPT)
        assert seen.metric("websocket_connections", tenant_id=TENANT) == 1
        kyros_obs.forget_tenant(TENANT)
        await send(CLOSE)

    converse(app)
    assert seen.samples("websocket_connections") == []
    assert seen.metric("websocket_closes_total", tenant_id=TENANT) == 1


def test_excluded() -> None:
    """What is left out by a setting leaves nothing, accepted or not."""
    with capture(exclude="/socket") as seen:
        converse(talking(ACCEPT, CLOSE))
        converse(talking(CLOSE))
        assert socket_lines(seen) == []
        assert seen.metric("websocket_closes_total") == 0


def make_app() -> FastAPI:
    """An echo for one tenant, and what refuses."""
    app = FastAPI()

    @app.websocket("/echo/{name}")
    async def echo(websocket: WebSocket, name: str) -> None:
        kyros_obs.bind(tenant_id=TENANT, sub=name)
        await websocket.accept()
        with suppress(WebSocketDisconnect):
            while True:
                await websocket.send_text(await websocket.receive_text())

    @app.websocket("/refused")
    async def refused(websocket: WebSocket) -> None:
        await websocket.close()

    return app


@pytest.mark.parametrize(("how", "code"), [("close", 4000), ("hang up", 1005), ("stay", 1012)])
def test_served(seen: Captured, how: str, code: int) -> None:
    """Under uvicorn with a client, until it leaves or the server does; identity is in the line."""
    labels = {"endpoint": "/echo/{name}", "tenant_id": TENANT}
    with served(kyros_obs.instrument(make_app()), ws="wsproto") as port:
        client = Client(port, "/echo/7")
        assert [client.echo(text) for text in ("one", "zwölf")] == ["one", "zwölf"]
        assert seen.metric("websocket_connections", **labels) == 1
        if how == "close":
            client.close(4000)
        if how == "hang up":
            client.hang_up()
        until(lambda: how == "stay" or socket_lines(seen))
    client.hang_up()
    (line,) = socket_lines(seen)
    assert (line["route"], line["tenant_id"], line["sub"]) == ("/echo/{name}", TENANT, "7")
    assert (line["status"], line["close_code"]) == (101, code)
    assert (line["bytes"], line["received_bytes"]) == (9, 9)
    assert len(line["trace_id"]) == 32
    assert seen.metric("websocket_connections") == 0
    assert seen.metric("websocket_messages_total", direction="sent", **labels) == 2


def test_refused_by_a_server(seen: Captured) -> None:
    """The client gets the status that is counted."""
    with served(kyros_obs.instrument(make_app()), ws="wsproto") as port:
        with pytest.raises(ConnectionRefusedError, match="403"):
            Client(port, "/refused")
        until(lambda: socket_lines(seen))
    assert seen.metric("websocket_closes_total", code="403", endpoint="/refused") == 1


class Client:
    """A client of a WebSocket on a plain connection."""

    def __init__(self, port: int, path: str) -> None:
        """Connect."""
        self._socket = socket.create_connection(("127.0.0.1", port), DEADLINE)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._send(events.Request(host="test", target=path))
        answer = self._next()
        if isinstance(answer, events.RejectConnection):
            self.hang_up()
            raise ConnectionRefusedError(answer.status_code)

    def hang_up(self) -> None:
        """Go away without a word."""
        self._socket.close()

    def echo(self, text: str) -> str:
        """Send a text; what comes back."""
        self._send(events.TextMessage(data=text))
        message = self._next()
        assert isinstance(message, events.TextMessage)
        return str(message.data)

    def close(self, code: int) -> None:
        """Close, and wait until the server does."""
        self._send(events.CloseConnection(code=code))
        while self._socket.recv(4096):
            """What the server says is of no interest."""

    def _send(self, event: Any) -> None:
        self._socket.sendall(self._protocol.send(event))

    def _next(self) -> Any:
        while True:
            for event in self._protocol.events():
                return event
            self._protocol.receive_data(self._socket.recv(4096))


def converse(app: Asgi, received: Any = GONE, *, refused: int | None = None) -> list[Any]:
    """Call an application as a server does; what it sends."""
    sent: list[Any] = []

    async def receive() -> Any:
        return received

    async def send(message: Any) -> None:
        if refused is not None and len(sent) >= refused:
            raise OSError("the client is gone")
        sent.append(message)

    asgi = {"version": "3.0", "spec_version": "2.4"}
    scope = {"type": "websocket", "asgi": asgi, "path": "/socket", "headers": []}
    with suppress(RuntimeError, asyncio.CancelledError):
        asyncio.run(ObservabilityMiddleware(app)(scope, receive, send))
    return sent


def socket_lines(seen: Captured) -> list[dict[str, Any]]:
    """The lines that were written for WebSockets."""
    return [line for line in seen.lines if line["event"] == "websocket"]

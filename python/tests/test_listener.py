"""The port of its own for `/metrics` and `/healthz`: what it answers, and to whom."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest
from prometheus_client import parser

import kyros_obs
from kyros_obs import conversation, listener, port
from kyros_obs.conversation import converse
from kyros_obs.listener import Listener
from kyros_obs.testing import Captured, capture
from tests.test_servers import DEADLINE, free_port

TOKEN = "scrape-token-1234567890"  # noqa: S105 - a test's token
BEARER = f"Authorization: Bearer {TOKEN}"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that are a second in production are short here."""
    monkeypatch.setattr(listener, "_AGAIN", 0.02)


@pytest.fixture
def place() -> str:
    """An address and a port that nobody listens on."""
    return f"127.0.0.1:{free_port()}"


@pytest.fixture
def listening(seen: Captured, place: str) -> Iterator[str]:
    """A listener of the capturing runtime; its place."""
    one = Listener(seen.runtime, place)
    one.start()
    until(lambda: is_answered(place))
    yield place
    one.close()


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that happens soon."""
    end = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def is_answered(place: str) -> bool:
    """Whether somebody answers there."""
    return port.service_at(address(place)) is not None


def address(place: str) -> tuple[str, int]:
    """The address of a place."""
    host, _, number = place.rpartition(":")
    return host.strip("[]"), int(number)


def ask(place: str, method: str, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    """Send one request; the response and its body."""
    connection = HTTPConnection(*address(place), timeout=DEADLINE)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/healthz", 200, b'{"status":"ok"}'),
        ("HEAD", "/healthz", 200, b""),
        ("HEAD", "/metrics", 200, b""),
        ("GET", "/metrics/", 404, b"not found\n"),
        ("GET", "/", 404, b"not found\n"),
        ("POST", "/", 404, b"not found\n"),
        ("POST", "/metrics", 405, b"method not allowed\n"),
        ("get", "/metrics", 405, b"method not allowed\n"),
        ("DELETE", "/healthz", 405, b"method not allowed\n"),
    ],
)
def test_answers(listening: str, method: str, path: str, status: int, body: bytes) -> None:
    """Two paths, two methods, and the name of the service with each answer."""
    response, answered = ask(listening, method, path)
    assert (response.status, answered) == (status, body)
    assert response.getheader("x-kyros-obs-service") == "test"
    assert response.getheader("allow") == ("GET, HEAD" if status == 405 else None)
    assert int(response.getheader("content-length", "")) > 0


@pytest.mark.parametrize("path", ["/metrics", "/metrics?name=x"])
def test_exposition(listening: str, seen: Captured, path: str) -> None:
    """It is that of the process, compressed if wanted; the scrape is no request of it."""
    kyros_obs.event("login")
    response, body = ask(listening, "GET", path, **{"Accept-Encoding": "gzip"})
    assert response.getheader("content-encoding") == "gzip"
    families = parser.text_string_to_metric_families(gzip.decompress(body).decode())
    samples = [sample for family in families for sample in family.samples]
    assert any(one.name == "kyros_events_total" and one.value == 1 for one in samples)
    assert not seen.samples("http_requests_total")
    assert seen.access_lines() == []


GET = "GET /metrics HTTP/1.1"
MESSAGES: list[tuple[str, str, int]] = [
    ("127.0.0.1", f"{GET}\r\n\r\n", 200),
    ("127.0.0.1", "GET /metrics HTTP/1.0\r\n\r\n", 200),
    ("::ffff:10.1.2.3", f"{GET}\r\nHost: x\r\n\r\n", 200),
    ("203.0.113.9", f"{GET}\r\n\r\n", 403),
    ("2001:db8::1", f"{GET}\r\n\r\n", 403),
    ("203.0.113.9", f"{GET}\r\n{BEARER}\r\n\r\n", 200),
    ("203.0.113.9", f"{GET}\r\n{BEARER}\r\n{BEARER}\r\n\r\n", 403),
    ("203.0.113.9", "GET /healthz HTTP/1.1\r\n\r\n", 200),
    ("127.0.0.1", f"{GET}\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n", 403),
    ("127.0.0.1", f"{GET}\r\nVIA:1.1 proxy\r\n\r\n", 403),
    ("127.0.0.1", f"{GET}\r\nVia: 1.1 proxy\r\n{BEARER}\r\n\r\n", 200),
    # What could hide a header from us is no request.
    ("127.0.0.1", f"{GET}\r\nVia : 1.1 proxy\r\n\r\n", 400),
    ("127.0.0.1", f"{GET}\r\nA: b\r\n Via: 1.1 proxy\r\n\r\n", 400),
    ("127.0.0.1", f"{GET}\r\nA: b\nVia: 1.1 proxy\r\n\r\n", 400),
    ("127.0.0.1", f"{GET}\r\nA: b\rVia: 1.1 proxy\r\n\r\n", 400),
    ("127.0.0.1", f"{GET}\r\nVia\r\n\r\n", 400),
    ("127.0.0.1", f"{GET}\nVia: 1.1 proxy\r\n\r\n", 400),
    ("127.0.0.1", "GET /metrics\r\n\r\n", 400),
    ("127.0.0.1", "GET  /metrics HTTP/1.1\r\n\r\n", 400),
    ("127.0.0.1", "PRI * HTTP/2.0\r\n\r\n", 400),
    ("127.0.0.1", "GET http://127.0.0.1/metrics HTTP/1.1\r\n\r\n", 404),
    ("127.0.0.1", "\r\n\r\n", 400),
    ("127.0.0.1", "\x16\x03\x01\x02\xff\r\n\r\n", 400),
    ("127.0.0.1", "a" * (16 * 1024 + 1), 431),
]


@pytest.mark.parametrize(("peer", "message", "status"), MESSAGES)
def test_who_gets_what(peer: str, message: str, status: int) -> None:
    """The guard of the built-in path, in front of a reader that takes nothing ambiguous."""
    with capture(metrics_token=TOKEN) as seen:
        answered = talk(seen, peer, message)
        assert answered.startswith(f"HTTP/1.1 {status} ".encode()), answered
        assert not seen.samples("kyros_instrumentation_errors_total")


def talk(seen: Captured, peer: str, message: str) -> bytes:
    """What a client at some address gets."""
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(message.encode("latin-1"))
        with ours:
            converse(seen.runtime, ours, peer)
        return b"".join(iter(lambda: theirs.recv(65536), b""))


def test_switched_off() -> None:
    """The switches of the built-in paths are those of the listener."""
    with capture(metrics="false", healthz="false") as seen:
        for path in ("/metrics", "/healthz"):
            answered = talk(seen, "127.0.0.1", f"GET {path} HTTP/1.1\r\n\r\n")
            assert answered.startswith(b"HTTP/1.1 404 ")


def test_slow_clients_do_not_pile_up(
    listening: str, monkeypatch: pytest.MonkeyPatch, seen: Captured
) -> None:
    """Two dozen that never finish are met eight at a time, and hung up on; others are answered."""
    monkeypatch.setattr(conversation, "PATIENCE", 0.5)
    most = count_conversations(monkeypatch)
    slow = [socket.create_connection(address(listening)) for _ in range(24)]
    for connection in slow:
        connection.sendall(b"GET /metrics HTTP/1.1\r\nX-Slow: ")
    assert ask(listening, "GET", "/metrics")[0].status == 200
    for connection in slow:
        with connection:
            assert connection.recv(1) == b""
    assert most() == 8
    assert not seen.samples("kyros_instrumentation_errors_total")


def count_conversations(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """The most conversations that there were at a time."""
    counting = threading.Lock()
    now = most = 0

    def counted(*arguments: Any) -> None:
        nonlocal now, most
        with counting:
            now += 1
            most = max(most, now)
        try:
            converse(*arguments)
        finally:
            with counting:
                now -= 1

    monkeypatch.setattr(listener, "converse", counted)
    return lambda: most


def test_a_client_that_takes_no_answer(listening: str, seen: Captured) -> None:
    """It goes away in the middle of a request, or with the answer on its way."""
    for message in (b"", b"GET /met", b"GET /metrics HTTP/1.1\r\n\r\n"):
        with socket.create_connection(address(listening)) as connection:
            connection.sendall(message)
    assert is_answered(listening)
    assert not seen.samples("kyros_instrumentation_errors_total")


def test_a_sibling_takes_over(listening: str, seen: Captured) -> None:
    """One that finds the port held by its service waits, counts no failure, and comes next."""
    first, second = (Listener(seen.runtime, listening) for _ in range(2))
    first.start()
    second.start()
    time.sleep(0.3)
    assert is_answered(listening)
    first.close()
    assert is_answered(listening)
    second.close()
    assert not seen.samples("kyros_instrumentation_errors_total")


def test_the_holder_goes(place: str, seen: Captured) -> None:
    """Closing frees the port at once, and the next one has it soon."""
    holder, next_one = (Listener(seen.runtime, place) for _ in range(2))
    holder.start()
    until(lambda: is_answered(place))
    next_one.start()
    holder.close()
    until(lambda: is_answered(place))
    next_one.close()
    with socket.create_server(address(place)):
        pass


STRANGERS = ["silent", "not HTTP", "of another service"]


@pytest.mark.parametrize("kind", STRANGERS)
def test_a_stranger_has_the_port(
    place: str, seen: Captured, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """That is one failure, told once; and the port is taken when the stranger has gone."""
    monkeypatch.setattr(port, "_PATIENCE", 0.05)
    leave = STRANGE[kind](place)
    one = Listener(seen.runtime, place)
    one.start()
    failures = {"name": "kyros_instrumentation_errors_total", "component": "listener"}
    until(lambda: seen.metric(**failures) == 1)
    time.sleep(0.3)
    assert seen.metric(**failures) == 1
    (line,) = [line for line in seen.lines if line["level"] == "error"]
    assert place in line["message"]
    assert "metrics_listen" in line["message"]
    leave()
    until(lambda: port.service_at(address(place)) == "test")
    one.close()


def silent(place: str) -> Callable[[], None]:
    """Listens and says nothing."""
    return socket.create_server(address(place)).close


def talkative(place: str) -> Callable[[], None]:
    """Greets whoever comes, as a mail server does."""
    server = socket.create_server(address(place))

    def greet() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.sendall(b"220 mail.example\r\n\r\n")

    thread = threading.Thread(target=greet, daemon=True)
    thread.start()

    def leave() -> None:
        port.shut(server)
        thread.join()
        server.close()

    return leave


def of_another_service(place: str) -> Callable[[], None]:
    """Is a listener as ours."""
    with capture(service="other") as other:
        one = Listener(other.runtime, place)
        one.start()
        until(lambda: is_answered(place))
    return one.close


STRANGE = dict(zip(STRANGERS, [silent, talkative, of_another_service], strict=True))


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "[::1]"])  # noqa: S104 - it is what is tested
def test_addresses(seen: Captured, host: str) -> None:
    """IPv4, IPv6, and `[::]` for both."""
    number = free_port()
    one = Listener(seen.runtime, f"{host}:{number}")
    one.start()
    near = ["[::1]"] if host == "[::1]" else ["127.0.0.1"]
    near += ["[::1]"] if host == "[::]" else []
    for name in near:
        until(lambda name=name: is_answered(f"{name}:{number}"))  # type: ignore[misc]
        assert ask(f"{name}:{number}", "GET", "/metrics")[0].status == 200
    one.close()


def test_a_capture_starts_none(place: str) -> None:
    """Tests of a service with the setting open no port."""
    with capture(metrics_listen=place):
        assert not is_answered(place)
        assert "kyros-obs-listener" not in {thread.name for thread in threading.enumerate()}

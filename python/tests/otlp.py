"""A receiver of OTLP over HTTP, which decodes what it gets."""

import contextlib
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

INTERNAL, SERVER, CLIENT = 1, 2, 3
ERROR = 2


_Field = tuple[int, int | bytes]


@dataclass(frozen=True)
class Span:
    """What has arrived of a span."""

    trace_id: str
    span_id: str
    parent: str
    name: str
    kind: int
    start: int
    end: int
    status: int
    attributes: dict[str, object]
    resource: dict[str, object]


@dataclass
class Receiver:
    """The spans that have arrived."""

    port: int
    spans: list[Span] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What sends spans here, soon."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        }

    def named(self, name: str) -> Span:
        """The one span of that name."""
        (span,) = (span for span in self.spans if span.name == name)
        return span


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that runs meanwhile."""
    found: list[Span] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            found.extend(_spans(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Receiver(server.server_port, found)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _spans(request: bytes) -> Iterator[Span]:
    for sent in _all(request, 1):
        resource = _attributes(b"".join(_all(sent, 1)), 1)
        for scope in _all(sent, 2):
            for span in _all(scope, 2):
                yield _span(span, resource)


def _span(data: bytes, resource: dict[str, object]) -> Span:
    fields = dict(_fields(data))
    hexadecimal = {number: _bytes(fields.get(number, b"")).hex() for number in (1, 2, 4)}
    status = dict(_fields(_bytes(fields.get(15, b""))))
    return Span(
        trace_id=hexadecimal[1],
        span_id=hexadecimal[2],
        parent=hexadecimal[4],
        name=_bytes(fields[5]).decode(),
        kind=_int(fields[6]),
        start=_int(fields[7]),
        end=_int(fields[8]),
        status=_int(status.get(3, 0)),
        attributes=_attributes(data, 9),
        resource=resource,
    )


def _attributes(data: bytes, number: int) -> dict[str, object]:
    pairs = (dict(_fields(pair)) for pair in _all(data, number))
    return {_bytes(pair[1]).decode(): _value(_bytes(pair[2])) for pair in pairs}


def _value(data: bytes) -> object:
    ((number, value),) = _fields(data)
    return _bytes(value).decode() if number == 1 else value


def _all(data: bytes, wanted: int) -> list[bytes]:
    return [_bytes(value) for number, value in _fields(data) if number == wanted]


def _fields(data: bytes) -> Iterator[_Field]:
    """The fields of a message of protocol buffers."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        match tag & 7:
            case 0:
                value, at = _varint(data, at)
                yield tag >> 3, value
            case 1:
                yield tag >> 3, struct.unpack_from("<Q", data, at)[0]
                at += 8
            case 2:
                length, at = _varint(data, at)
                yield tag >> 3, data[at : at + length]
                at += length
            case 5:
                yield tag >> 3, struct.unpack_from("<I", data, at)[0]
                at += 4
            case other:
                raise AssertionError(other)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _bytes(value: int | bytes) -> bytes:
    assert isinstance(value, bytes)
    return value


def _int(value: int | bytes) -> int:
    assert isinstance(value, int)
    return value

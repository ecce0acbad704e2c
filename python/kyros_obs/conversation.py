"""One request on a connection of the listener: read within bounds, answered, and that is all.

Nothing here trusts the client: it has a head of bounded length and one deadline for the whole
exchange, and what is not plainly HTTP/1 is refused.
"""

import re
import socket
from email.utils import formatdate
from http import HTTPStatus
from time import monotonic
from typing import NamedTuple
from urllib.parse import quote

from kyros_obs import head
from kyros_obs._guard import Guard
from kyros_obs._native import Runtime
from kyros_obs._vocabulary import METHOD_GET, METHOD_HEAD
from kyros_obs.endpoints import FAILED, METHODS, Answer, Scrape, answer, is_ours

#: The header by which processes of one service know each other.
SERVICE_HEADER = "x-kyros-obs-service"
#: Seconds that a client has for its request and for taking the answer, together.
PATIENCE = 5.0
#: Seconds that it has for its request alone: a scraper sends it at once.
HEAD_PATIENCE = 1.0

_REQUEST_LINE = re.compile(r"([!-~]+) ([!-~]+) HTTP/1\.[01]")

_TEXT = "text/plain; charset=utf-8"
_BAD_REQUEST = Answer(400, _TEXT, b"bad request\n")
_NOT_FOUND = Answer(404, _TEXT, b"not found\n")
_NOT_ALLOWED = Answer(405, _TEXT, b"method not allowed\n", (("allow", ", ".join(METHODS)),))
_TOO_LARGE = Answer(431, _TEXT, b"request header fields too large\n")

_guard = Guard("listener")


class Asked(NamedTuple):
    """A request, as far as it matters."""

    method: str
    path: str
    headers: dict[str, str]


def converse(runtime: Runtime, connection: socket.socket, peer: str) -> None:
    """Read a request and answer it; the caller hangs up.

    Raises:
        OSError: The client went away, or took longer than it may.
    """
    begun = monotonic()
    end = begun + PATIENCE
    text = head.read(connection, begun + min(HEAD_PATIENCE, PATIENCE))
    asked = _asked(text) if text is not None else None
    own = FAILED
    with _guard:
        own = _TOO_LARGE if text is None else _respond(runtime, asked, peer)
    with_body = asked is None or asked.method != METHOD_HEAD
    connection.settimeout(head.left(end))
    connection.sendall(_written(own, named(runtime), with_body=with_body))


def named(runtime: Runtime) -> str:
    """The name of the service as a header has it."""
    return quote(runtime.service)


def _respond(runtime: Runtime, asked: Asked | None, peer: str) -> Answer:
    if asked is None:
        return _BAD_REQUEST
    if not is_ours(runtime, asked.path, METHOD_GET):
        return _NOT_FOUND
    if asked.method not in METHODS:
        return _NOT_ALLOWED
    return answer(runtime, asked.path, Scrape.of(peer, asked.headers))


def _asked(text: bytes) -> Asked | None:
    """What is asked; None where that is not as HTTP/1 has it."""
    parsed = head.parse(text)
    line = _REQUEST_LINE.fullmatch(parsed[0]) if parsed is not None else None
    if parsed is None or line is None:
        return None
    return Asked(line[1], line[2].partition("?")[0], parsed[1])


def _written(own: Answer, service: str, *, with_body: bool) -> bytes:
    fields = [
        *own.headers,
        ("date", formatdate(usegmt=True)),
        (SERVICE_HEADER, service),
        ("connection", "close"),
    ]
    lines = [f"HTTP/1.1 {own.status} {HTTPStatus(own.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in fields]
    start = "\r\n".join(lines).encode("latin-1") + head.END
    return start + own.body if with_body else start

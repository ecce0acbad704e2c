"""A storm: which requests it has, what has to be told of each, and a client that makes them.

All of it follows from a request's number, which is its trace id, too. So client, application and
test know of each request what the others do.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import jwt

TENANTS = ("8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10", "1a2b3c4d-0000-4000-8000-000000000001")
SECRET = "of-the-storm-" * 4
#: So many subjects have a token.
SUBJECTS = 20
#: Bytes of the least answer, by whose it is, and how many sizes there are.
SIZES = ((1000, 500), (100, 50), (10, 7))


class Kind(NamedTuple):
    """What is particular of the requests to one path."""

    path: str
    status: int = 200
    outcome: str | None = None
    #: How many lines it writes itself, and whether it ends in an error that is one more.
    lines: int = 0
    raises: bool = False
    #: What the client is answered, where that isn't what is counted; 0 where it doesn't wait.
    answer: int | None = None
    method: str = "GET"


class Request(NamedTuple):
    """One of a storm."""

    number: int
    kind: Kind
    #: Index of its tenant; 2 for nobody.
    whose: int

    @property
    def tenant(self) -> str | None:
        """Whose it is."""
        return TENANTS[self.whose] if self.whose < len(TENANTS) else None

    @property
    def sub(self) -> str | None:
        """Its subject; those of tokens have many requests."""
        if self.tenant is None:
            return None
        return f"s{self.whose}-{self.number % SUBJECTS if self.has_token else self.number}"

    @property
    def has_token(self) -> bool:
        """Whether a token says whose it is."""
        return self.kind.path == "/token"

    @property
    def trace_id(self) -> str:
        """Its number, where lines have it."""
        return f"{self.number + 1:032x}"

    @property
    def size(self) -> int:
        """Bytes that it is to be answered with, or that it sends."""
        least, many = SIZES[self.whose]
        return least + self.number % many


class Told(NamedTuple):
    """What the access line of a request says."""

    method: str
    route: str
    status: int
    outcome: str | None
    tenant: str | None
    sub: str | None
    bytes: int


def expected(request: Request) -> Told:
    """What its line has to say."""
    kind = request.kind
    size = 0 if kind.status == 499 else len(BROKEN) if kind.status == 500 else request.size
    who = request.tenant, request.sub
    return Told(kind.method, kind.path, kind.status, kind.outcome, *who, size)


#: What Starlette answers where a route raises.
BROKEN = b"Internal Server Error"


def interleaved(shares: dict[Kind, int]) -> list[Kind]:
    """Kinds as often as they come, each spread over the whole."""
    total = sum(shares.values())
    places = [
        ((turn + 0.5) * total / share, kind)
        for kind, share in shares.items()
        for turn in range(share)
    ]
    return [kind for _, kind in sorted(places)]


def numbered(number: int, kinds: list[Kind]) -> Request:
    """The request of a number: all kinds come in turn, each for everybody in turn."""
    turn, which = divmod(number, len(kinds))
    return Request(number, kinds[which], turn % (len(TENANTS) + 1))


def tokens() -> dict[tuple[int, int], str]:
    """Those of all subjects."""
    return {
        (whose, subject): jwt.encode(
            {"tenant_id": tenant, "sub": f"s{whose}-{subject}", "exp": 4_000_000_000},
            SECRET,
            "HS256",
        )
        for whose, tenant in enumerate(TENANTS)
        for subject in range(SUBJECTS)
    }


@dataclass
class Client:
    """Makes requests on many connections at once, each of which is used for one after another."""

    port: int
    connections: int
    workers: Counter[bytes] = field(default_factory=Counter)

    async def make(self, requests: Iterable[Request]) -> None:
        """Make all of them; each has to be answered as it should."""
        self._left = iter(requests)
        self._tokens = tokens()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self.connections):
                tasks.create_task(self._use_connections())

    async def _use_connections(self) -> None:
        connection: Connection | None = None
        for request in self._left:
            if connection is None:
                connection = await Connection.open(self.port)
            if not await self._one(connection, request):
                connection.close()
                connection = None
        if connection is not None:
            connection.close()

    async def _one(self, connection: "Connection", request: Request) -> bool:
        """Whether the connection is still there afterwards."""
        kind = request.kind
        connection.send(request, self._tokens.get((request.whose, request.number % SUBJECTS)))
        if kind.answer == 0 and kind.status == 499:
            return False
        status, worker, size, is_whole = await connection.answer(leaves=kind.answer == 0)
        self.workers[worker] += 1
        wanted = kind.answer or kind.status
        assert status == wanted, (request, status)
        assert status != 200 or size == request.size, (request, size)
        assert is_whole == (kind.outcome is None or kind.outcome == "cancelled"), request
        return is_whole and not connection.is_to_be_closed(kind)


class Connection:
    """One of HTTP/1.1, that takes no more than servers of the tests send."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def close(self) -> None:
        """Hang up."""
        self._writer.close()

    def send(self, request: Request, token: str | None) -> None:
        """Send a request."""
        kind = request.kind
        head = [
            f"{kind.method} {kind.path}?{request.number} HTTP/1.1",
            "host: test",
            f"traceparent: 00-{request.trace_id}-00f067aa0ba902b7-01",
        ]
        if request.has_token:
            # Nobody has a token that nobody has signed.
            head.append(f"authorization: Bearer {token or 'a.b.c'}")
        body = b"x" * request.size if kind.method == "POST" else b""
        if body:
            head.append(f"content-length: {len(body)}")
        self._writer.write("\r\n".join([*head, "", ""]).encode() + body)

    async def answer(self, *, leaves: bool) -> tuple[int, bytes, int, bool]:
        """Status, worker, size of the body, and whether that was whole; less where one leaves."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        headers = dict(line.split(b": ", 1) for line in lines[1:-2])
        status, worker = int(lines[0].split(b" ", 2)[1]), headers.get(b"x-worker", b"")
        if b"content-length" in headers:
            body = await self._reader.readexactly(int(headers[b"content-length"]))
            return status, worker, len(body), True
        size = 0
        with contextlib.suppress(asyncio.IncompleteReadError):
            while chunk := int(await self._reader.readuntil(b"\r\n"), 16):
                size += len(await self._reader.readexactly(chunk + 2)) - 2
                if leaves:
                    return status, worker, size, False
            await self._reader.readexactly(2)
            return status, worker, size, True
        return status, worker, size, False

    @staticmethod
    def is_to_be_closed(kind: Kind) -> bool:
        """Whether the server closes the connection although it has answered."""
        return kind.raises

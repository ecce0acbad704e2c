"""The table: one row for each request, and what it has to be counted as."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

#: Bytes of a whole body, of a stream and of events: three sizes, so that none passes for another.
SIZE = 10_000
STREAMED = 5_000
EVENTS = 2_000

#: Seconds for which an application waits where a row is about time.
PAUSE = 0.05

UNMATCHED = "_unmatched"


class Client(Enum):
    """What the client does, or its server in its place."""

    STAYS = "stays"
    LEAVES_SENDING = "goes away before its whole body was sent"
    LEAVES_READING = "goes away after the first chunk"
    REFUSES = "goes away after the first chunk, and the server's `send` raises"
    CANCELS_WAITING = "is waiting as the server cancels the request"
    CANCELS_READING = "has the first chunk as the server cancels the request"


class Timed(Enum):
    """Where an application waits for `PAUSE`."""

    NOWHERE = "nowhere"
    BETWEEN = "between its first byte and its last"
    AFTER = "in a background task"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One request, and what it has to be counted as: the labels, the bytes and the outcome."""

    what: str
    path: str
    endpoint: str
    method: str = "GET"
    label: str = ""
    """The label `method`; the method itself where it is empty."""
    code: int = 200
    outcome: str | None = None
    sent: int | None = None
    """Body bytes of the answer; where None, as many as reached the client."""
    received: int = 0
    """Body bytes that the application has read."""
    body: tuple[bytes, ...] = ()
    headers: tuple[tuple[bytes, bytes], ...] = ()
    app: str = "plain"
    """Which application, by its name in `applications.py`."""
    frameworks: frozenset[str] = frozenset({"fastapi", "starlette"})
    since: str = ""
    """The first FastAPI that can answer it, where that isn't the oldest."""
    root_path: str = ""
    """A prefix that the server was told of."""
    client: Client = Client.STAYS
    timed: Timed = Timed.NOWHERE
    pathsend: bool = False
    """Whether the server offers to send files by their paths."""

    @property
    def method_label(self) -> str:
        """The label `method`."""
        return self.label or self.method

    @property
    def key(self) -> str:
        """What tells it from other rows."""
        return f"{self.what}: {self.request}"

    @property
    def request(self) -> str:
        """The request as its first line has it."""
        return f"{self.method} {self.path}"


def _fastapi(**given: Any) -> Row:
    return Row(frameworks=frozenset({"fastapi"}), **given)


def _starlette(**given: Any) -> Row:
    return Row(frameworks=frozenset({"starlette"}), **given)


ROUTES = (
    Row(what="a parameter", path="/items/7", endpoint="/items/{item_id}"),
    Row(what="a parameter that takes slashes", path="/files/a/b/c", endpoint="/files/{name}"),
    _fastapi(
        what="a parameter that is not valid",
        path="/items/seven",
        endpoint="/items/{item_id}",
        code=422,
    ),
    Row(what="404 of the handler", path="/absent/7", endpoint="/absent/{key}", code=404),
    Row(what="404 of no route", path="/nowhere/7", endpoint=UNMATCHED, code=404),
    Row(what="redirect to the path without slash", path="/items/7/", endpoint=UNMATCHED, code=307),
    Row(what="one function, its first route", path="/first/7", endpoint="/first/{key}"),
    Row(what="one function, its second route", path="/second/7", endpoint="/second/{key}"),
    Row(what="a class as endpoint", path="/class/7", endpoint="/class/{key}"),
    _fastapi(
        what="included router",
        path="/api/v2/inner/x",
        endpoint="/api/v2/inner/{leaf}",
    ),
    _fastapi(
        what="nested routers, a parameter in the prefix",
        path="/eu/outer/middle/inner/x",
        endpoint="/{region}/outer/middle/inner/{leaf}",
    ),
    _fastapi(
        what="Starlette's route in an included router",
        path="/api/v2/plain/7",
        endpoint="/api/v2/plain/{key}",
    ),
    _fastapi(
        what="mount in an included router",
        path="/api/v2/mounted/acme/hello/x",
        endpoint="/api/v2/mounted/{tenant}/hello/{name}",
        since="0.137",
    ),
    _fastapi(
        what="mount in an included router, at a path that the SDK would answer",
        path="/metrics",
        endpoint=UNMATCHED,
        code=307,
        since="0.137",
    ),
    _fastapi(
        what="405 in an included router",
        method="POST",
        path="/api/v2/inner/x",
        endpoint="/api/v2/inner/{leaf}",
        code=405,
    ),
    _fastapi(what="the documentation", path="/docs", endpoint="/docs"),
    _fastapi(what="the OpenAPI document", path="/openapi.json", endpoint="/openapi.json"),
    Row(what="host", path="/hello/x", endpoint="/hello/{name}", headers=((b"host", b"eu.test"),)),
    Row(
        what="host, files",
        path="/any/thing",
        endpoint="/{path}",
        code=404,
        headers=((b"host", b"files.test"),),
    ),
    _fastapi(
        what="`FastAPI.frontend`",
        path="/ui/file",
        endpoint="/ui/{path}",
        since="0.142",
        sent=SIZE,
    ),
)

MOUNTS = (
    Row(what="mounted application", path="/mounted/hello/x", endpoint="/mounted/hello/{name}"),
    Row(
        what="mount with a parameter",
        path="/of/acme/hello/x",
        endpoint="/of/{tenant}/hello/{name}",
    ),
    Row(
        what="mount in a mount",
        path="/mounted/within/acme/hello/x",
        endpoint="/mounted/within/{tenant}/hello/{name}",
    ),
    Row(
        what="mount of an application in middleware",
        path="/wrapped/hello/x",
        endpoint="/wrapped/hello/{name}",
    ),
    Row(
        what="mount of an application in middleware, mount in it",
        path="/wrapped/within/acme/hello/x",
        endpoint="/wrapped/within/{tenant}/hello/{name}",
    ),
    Row(
        what="mount of an application that can't be seen, mount in it",
        path="/hidden/within/acme/hello/x",
        endpoint="/hidden/{path}",
    ),
    _fastapi(
        what="included router of a mounted application",
        path="/of/acme/deep/x",
        endpoint="/of/{tenant}/deep/{leaf}",
    ),
    Row(
        what="404 of no route in a mounted application",
        path="/mounted/nowhere/7",
        endpoint=UNMATCHED,
        code=404,
    ),
    Row(
        what="redirect in a mounted application",
        path="/of/acme/hello/x/",
        endpoint=UNMATCHED,
        code=307,
    ),
    Row(what="static file", path="/static/file", endpoint="/static/{path}", sent=SIZE),
    Row(what="static file that is missing", path="/static/7", endpoint="/static/{path}", code=404),
    Row(
        what="files at the root",
        path="/any/thing",
        endpoint="/{path}",
        code=404,
        app="files at the root",
    ),
    Row(
        what="application at the root",
        path="/hello/x",
        endpoint="/hello/{name}",
        app="application at the root",
    ),
    Row(what="WSGI application", path="/wsgi/any/thing", endpoint="/wsgi/{path}"),
)

ROOT_PATHS = (
    _fastapi(
        what="`FastAPI(root_path=...)`, stripped by the proxy",
        app="prefixed",
        path="/items/7",
        endpoint="/items/{item_id}",
    ),
    _fastapi(
        what="`FastAPI(root_path=...)`, not stripped",
        app="prefixed",
        path="/proxy/items/7",
        endpoint="/items/{item_id}",
    ),
    _fastapi(
        what="`FastAPI(root_path=...)`, mount",
        app="prefixed",
        path="/proxy/of/acme/hello/x",
        endpoint="/of/{tenant}/hello/{name}",
    ),
    Row(
        what="the server's `root_path`",
        root_path="/proxy",
        path="/proxy/items/7",
        endpoint="/items/{item_id}",
    ),
    Row(
        what="the server's `root_path`, mount",
        root_path="/proxy",
        path="/proxy/of/acme/hello/x",
        endpoint="/of/{tenant}/hello/{name}",
    ),
    Row(
        what="the server's `root_path`, WSGI application",
        root_path="/proxy",
        path="/proxy/wsgi/x",
        endpoint="/wsgi/{path}",
    ),
)

METHODS = (
    Row(what="405", method="POST", path="/items/7", endpoint="/items/{item_id}", code=405),
    _fastapi(
        what="HEAD of a route for GET",
        method="HEAD",
        path="/items/7",
        endpoint="/items/{item_id}",
        code=405,
        sent=0,
    ),
    _starlette(
        what="HEAD of a route for GET",
        method="HEAD",
        path="/items/7",
        endpoint="/items/{item_id}",
        sent=0,
    ),
    Row(what="OPTIONS", method="OPTIONS", path="/items/7", endpoint="/items/{item_id}", code=405),
    Row(
        what="a method that there is not",
        method="BREW",
        label="_OTHER",
        path="/items/7",
        endpoint="/items/{item_id}",
        code=405,
    ),
    Row(
        what="a method that there is not, no route",
        method="BREW7",
        label="_OTHER",
        path="/nowhere/7",
        endpoint=UNMATCHED,
        code=404,
    ),
    Row(
        what="preflight, answered before any route",
        method="OPTIONS",
        path="/items/7",
        endpoint=UNMATCHED,
        app="cross origin",
        headers=((b"origin", b"https://a.test"), (b"access-control-request-method", b"GET")),
    ),
)

MIDDLEWARE = (
    Row(
        what="`BaseHTTPMiddleware`",
        app="base middleware",
        path="/items/7",
        endpoint="/items/{item_id}",
    ),
    Row(
        what="middleware that copies the scope",
        app="copied scope",
        path="/items/7",
        endpoint="/items/{item_id}",
    ),
    Row(
        what="middleware that copies the scope, mount",
        app="copied scope",
        path="/of/acme/hello/x",
        endpoint="/of/{tenant}/hello/{name}",
    ),
    Row(
        what="`BaseHTTPMiddleware`, the handler raises",
        app="base middleware",
        path="/broken",
        endpoint="/broken",
        code=500,
    ),
)

ENDS = (
    Row(what="the handler raises", path="/broken", endpoint="/broken", code=500),
    Row(what="a handler of exceptions answers", path="/handled", endpoint="/handled", code=418),
    Row(
        what="the stream raises after its first chunk",
        path="/stream/broken",
        endpoint="/stream/broken",
        outcome="aborted",
        sent=100,
    ),
    Row(
        what="an application that never answers",
        path="/silent/x",
        endpoint="/silent/{path}",
        code=500,
    ),
    Row(
        what="the background task raises",
        path="/background/broken",
        endpoint="/background/broken",
        sent=SIZE,
    ),
    Row(
        what="a timeout that the handler answers",
        path="/timeout",
        endpoint="/timeout",
        code=504,
    ),
    Row(
        what=f"the client {Client.LEAVES_SENDING.value}",
        method="POST",
        path="/upload",
        endpoint="/upload",
        code=499,
        outcome="disconnected",
        body=(b"x" * 100,),
        received=100,
        client=Client.LEAVES_SENDING,
    ),
    Row(
        what=f"the client {Client.LEAVES_READING.value}",
        path="/stream/endless",
        endpoint="/stream/endless",
        outcome="disconnected",
        sent=100,
        client=Client.LEAVES_READING,
    ),
    Row(
        what="the client goes away once it has all",
        path="/waits/x",
        endpoint="/waits/{path}",
        sent=SIZE,
    ),
    Row(
        what=f"the client {Client.REFUSES.value}",
        path="/stream/plenty",
        endpoint="/stream/plenty",
        outcome="disconnected",
        sent=100,
        client=Client.REFUSES,
    ),
    Row(
        what=f"the client {Client.CANCELS_WAITING.value}",
        path="/slow",
        endpoint="/slow",
        code=499,
        outcome="cancelled",
        client=Client.CANCELS_WAITING,
    ),
    Row(
        what=f"the client {Client.CANCELS_READING.value}",
        path="/stream/endless",
        endpoint="/stream/endless",
        outcome="cancelled",
        sent=100,
        client=Client.CANCELS_READING,
    ),
)

BYTES = (
    Row(what="a whole body", path="/whole", endpoint="/whole", sent=SIZE),
    Row(what="HEAD of it", method="HEAD", path="/whole", endpoint="/whole", sent=0),
    Row(what="a stream", path="/stream/whole", endpoint="/stream/whole", sent=STREAMED),
    Row(what="server-sent events", path="/stream/events", endpoint="/stream/events", sent=EVENTS),
    Row(what="a file", path="/file", endpoint="/file", sent=SIZE),
    Row(what="a file by its path", path="/file", endpoint="/file", sent=SIZE, pathsend=True),
    Row(what="204", path="/empty", endpoint="/empty", code=204, sent=0),
    Row(what="304", path="/unchanged", endpoint="/unchanged", code=304, sent=0),
    Row(
        what="a body that is compressed",
        app="compressed",
        path="/whole",
        endpoint="/whole",
        headers=((b"accept-encoding", b"gzip"),),
    ),
    Row(
        what="a request's body, its length told",
        method="POST",
        path="/upload",
        endpoint="/upload",
        body=(b"x" * SIZE,),
        headers=((b"content-length", str(SIZE).encode()),),
        received=SIZE,
    ),
    Row(
        what="a request's body in chunks",
        method="POST",
        path="/upload",
        endpoint="/upload",
        body=(b"x" * 100,) * (SIZE // 100),
        headers=((b"transfer-encoding", b"chunked"),),
        received=SIZE,
    ),
)

TIMES = (
    Row(
        what=f"{PAUSE:g} s {Timed.BETWEEN.value}",
        path="/stream/paused",
        endpoint="/stream/paused",
        sent=2,
        timed=Timed.BETWEEN,
    ),
    Row(
        what=f"{PAUSE:g} s {Timed.AFTER.value}",
        path="/background",
        endpoint="/background",
        sent=SIZE,
        timed=Timed.AFTER,
    ),
)

SECTIONS = {
    "Routes": ROUTES,
    "Mounts": MOUNTS,
    "Behind a prefix": ROOT_PATHS,
    "Methods": METHODS,
    "Below middleware": MIDDLEWARE,
    "How it ended": ENDS,
    "Bytes": BYTES,
    "Times": TIMES,
}


def rows(framework: str, version: str) -> list[Row]:
    """The rows for applications of a framework's version, in the table's order."""
    return [
        row
        for rows in SECTIONS.values()
        for row in rows
        if framework in row.frameworks and _parts(row.since) <= _parts(version)
    ]


def _parts(version: str) -> list[int]:
    return [int(part) for part in version.split(".")[:2] if part]

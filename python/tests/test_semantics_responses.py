"""Starlette and FastAPI answer byte for byte as they do bare, in the same messages."""

from functools import cache
from typing import Any

import itsdangerous
import pytest
import starlette.responses

from kyros_obs.testing import Captured
from tests.answering import make_app
from tests.semantics import ASYNCIO, GONE, LOOPS, Side, ended, same

FORM = "application/x-www-form-urlencoded"
PART = 'content-disposition: form-data; name="file"; filename="ü.txt"\r\ncontent-type: text/plain'
UPLOAD = f"--edge\r\n{PART}\r\n\r\nof a file\r\n--edge--\r\n".encode()

#: Method, path with query, headers, chunks of the body.
REQUESTS: list[tuple[str, str, dict[str, str], list[bytes]]] = [
    *(
        ("GET", path, {}, [])
        for path in (
            *("/text", "/json", "/html", "/redirect", "/cookies", "/session", "/state"),
            *("/status/200", "/status/204", "/status/304", "/status/500", "/status/wrong"),
            *(f"/raise/{what}" for what in ("404", "401", "refusal", "value", "runtime", "group")),
            *("/urls/one?q=1&q=2", "/urls/%C3%BC", "/urls/one/", "//text", "/nowhere", "/"),
            *("/stream/sync", "/stream/async", "/stream/broken", "/stream/events"),
            *("/file", "/background", "/openapi.json", "/docs"),
            *("/static/answering.py", "/static/nowhere", "/static/../conftest.py", "/static"),
            *("/mounted/endpoint/1", "/mounted/deeper/t1/7/", "/mounted/deeper/t1/7"),
            *("/mounted/inner/k", "/mounted/nowhere", "/mounted", "/mounted/"),
            *("/contexts/thread", "/contexts/loop", "/contexts/groups"),
            *("/metrics/", "/healthz/", "/metricsx"),
        )
    ),
    ("HEAD", "/json", {}, []),
    ("HEAD", "/file", {}, []),
    ("HEAD", "/text", {}, []),
    ("POST", "/json", {}, []),
    ("DELETE", "/text", {}, []),
    ("BREW", "/text", {}, []),
    ("OPTIONS", "/text", {}, []),
    ("GET", "/html", {"accept-encoding": "gzip"}, []),
    ("GET", "/stream/async", {"accept-encoding": "gzip"}, []),
    ("GET", "/file", {"range": "bytes=0-9"}, []),
    ("GET", "/file", {"range": "bytes=0-9, 20-29"}, []),
    ("GET", "/file", {"range": "bytes=-5"}, []),
    ("GET", "/file", {"range": "bytes=99999999-"}, []),
    ("GET", "/file", {"if-range": "another", "range": "bytes=0-9"}, []),
    ("GET", "/static/answering.py", {"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"}, []),
    ("GET", "/cookies", {"cookie": "one=eins"}, []),
    ("GET", "/session", {"cookie": "session=wrong"}, []),
    ("GET", "/text", {"origin": "https://one.example"}, []),
    ("GET", "/text", {"origin": "https://two.example"}, []),
    (
        *("OPTIONS", "/text"),
        {"origin": "https://one.example", "access-control-request-method": "GET"},
        [],
    ),
    ("GET", "/text", {"host": "elsewhere.test"}, []),
    ("GET", "/endpoint/5", {"host": "api.kyros.example"}, []),
    ("GET", "/nowhere", {"host": "api.kyros.example"}, []),
    ("POST", "/given/body", {}, [b"one", b"", b"two"]),
    ("POST", "/given/item?count=2", {"content-type": "application/json"}, [b'{"name":', b' "n"}']),
    ("POST", "/given/item?count=x", {"content-type": "application/json"}, [b'{"price": "high"}']),
    ("POST", "/given/item", {"content-type": "application/json"}, [b"{not json"]),
    ("POST", "/given/form", {"content-type": FORM}, [b"name=J%C3%BCrgen"]),
    ("POST", "/given/form", {"content-type": FORM}, [b"other=1"]),
    ("POST", "/given/upload", {"content-type": "multipart/form-data; boundary=edge"}, [UPLOAD]),
    ("POST", "/given/upload", {"content-type": "multipart/form-data; boundary=no"}, [UPLOAD]),
]


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of an answer is of its time or of chance."""
    monkeypatch.setattr(itsdangerous.TimestampSigner, "get_timestamp", lambda _self: 1_700_000_000)
    monkeypatch.setattr(starlette.responses, "token_hex", lambda length: "0" * 2 * length)


@cache
def application(wrap: Any) -> Any:
    """The application, bare or observed."""
    return wrap(make_app())


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(("method", "url", "headers", "chunks"), REQUESTS)
def test_answer(
    seen: Captured, loop: str, method: str, url: str, headers: dict[str, str], chunks: list[bytes]
) -> None:
    """Its messages, and what comes out of the application."""
    path, _, query = url.partition("?")
    lines = {"host": "test", **headers}
    body: list[Any] = [{"type": "http.request", "body": one, "more_body": True} for one in chunks]
    body += [{"type": "http.request", "body": b"", "more_body": False}, GONE]

    async def case(side: Side) -> object:
        server = side.server(
            *(body if method == "POST" else body[:1]),
            method=method,
            path=path,
            raw_path=path.encode(),
            query_string=query.encode(),
            headers=[(name.encode(), value.encode()) for name, value in lines.items()],
            state={"of_lifespan": "lifespan"},
        )
        app = application(side.wrap)
        outcome = await ended(app(server.scope, server.receive, server.send))
        return outcome, server.sent

    same(seen, loop, case)


@pytest.mark.parametrize("loop", ASYNCIO)  # trio has tasks go on in any order
@pytest.mark.parametrize("path", ["/stream/async", "/stream/sync", "/given/body", "/json"])
def test_client_that_leaves(seen: Captured, loop: str, path: str) -> None:
    """At once, before it has sent its body or taken the answer."""

    async def case(side: Side) -> object:
        method = "POST" if path == "/given/body" else "GET"
        server = side.server(GONE, GONE, method=method, path=path, raw_path=path.encode())
        app = application(side.wrap)
        return await ended(app(server.scope, server.receive, server.send))

    same(seen, loop, case)

"""What a scrape of `/metrics` gets: format, compression and headers, under ASGI and WSGI alike."""

import asyncio
import gzip
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import flask
import pytest
from fastapi import FastAPI
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

import kyros_obs
from kyros_obs import endpoints
from kyros_obs.testing import Captured
from tests.clients import call

OPENMETRICS = "application/openmetrics-text;version=1.0.0"


class Response(NamedTuple):
    """A response as it was sent, its body not decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Client = Callable[[str, str, Mapping[str, str]], Response]


def under_asgi() -> Client:
    """Requests to an ASGI application, with no header but those of the test."""
    app: Any = kyros_obs.instrument(FastAPI())

    def request(method: str, path: str, headers: Mapping[str, str]) -> Response:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": [(key.lower().encode(), value.encode()) for key, value in headers.items()],
            "client": ("127.0.0.1", 1234),
        }
        asyncio.run(app(scope, None, send))
        start, body = sent
        names = {name.decode(): value.decode() for name, value in start["headers"]}
        return Response(start["status"], names, body["body"])

    return request


def under_wsgi() -> Client:
    """Requests to a WSGI application."""
    app = flask.Flask(__name__)
    kyros_obs.instrument(app)

    def request(method: str, path: str, headers: Mapping[str, str]) -> Response:
        response = call(app, path, method, headers=dict(headers))
        names = {name.lower(): value for name, value in response.headers.items()}
        return Response(response.status_code, names, response.get_data())

    return request


@pytest.fixture(params=[under_asgi, under_wsgi])
def client(request: pytest.FixtureRequest, seen: Captured) -> Client:
    """Each face in turn, with a capturing runtime."""
    made: Client = request.param()
    return made


ENCODINGS: list[tuple[str | None, str | None]] = [
    (None, None),
    ("", None),
    ("gzip", "gzip"),
    ("GZIP", "gzip"),
    ("x-gzip", "gzip"),
    ("gzip;q=0", None),
    ("gzip; q=0.5", "gzip"),
    ("gzip, deflate, br", "gzip"),
    ("gzip;q=0.5, identity", None),
    ("identity;q=0.5, gzip;q=0.8", "gzip"),
    ("identity", None),
    ("br", None),
    ("*", "gzip"),
    ("*;q=0", None),
    ("gzip;q=0, *", None),
    ("gzip;q=nonsense", None),
    ("," * 4000, None),
]


@pytest.mark.parametrize("accept", [OPENMETRICS, "text/plain"])
@pytest.mark.parametrize(("accept_encoding", "encoding"), ENCODINGS)
def test_compression(
    client: Client, accept: str, accept_encoding: str | None, encoding: str | None
) -> None:
    """The body is compressed where the scraper wants that, and it is whole either way."""
    headers = {"Accept": accept}
    if accept_encoding is not None:
        headers["Accept-Encoding"] = accept_encoding
    client("GET", "/nowhere", {})
    response = client("GET", "/metrics", headers)
    check_headers(response, encoding)
    text = (gzip.decompress(response.body) if encoding else response.body).decode()
    assert requests_of(text, openmetrics_format=accept == OPENMETRICS) == {"_unmatched": 1.0}


def check_headers(response: Response, encoding: str | None) -> None:
    """They say how long the body is, how it is encoded, and what the choice depended on."""
    assert response.status == 200
    assert response.headers["content-length"] == str(len(response.body))
    assert response.headers.get("content-encoding") == encoding
    assert response.headers["vary"] == "accept, accept-encoding"
    assert response.headers["cache-control"] == "no-store"


def requests_of(text: str, *, openmetrics_format: bool) -> dict[str, float]:
    """The count of requests by endpoint, as prometheus_client reads it."""
    judge: Any = openmetrics if openmetrics_format else parser
    return {
        sample.labels["endpoint"]: sample.value
        for family in judge.text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "http_requests_total" and sample.value
    }


@pytest.mark.parametrize("accept_encoding", ["identity", "gzip"])
@pytest.mark.parametrize("path", ["/metrics", "/healthz"])
def test_head(
    client: Client, monkeypatch: pytest.MonkeyPatch, path: str, accept_encoding: str
) -> None:
    """It has the headers that GET would have had at that moment, and no body."""
    keep_the_first_answer(monkeypatch)
    headers = {"Accept-Encoding": accept_encoding}
    head = client("HEAD", path, headers)
    get = client("GET", path, headers)
    assert (head.status, head.headers) == (get.status, get.headers)
    assert head.headers["content-length"] == str(len(get.body))
    assert (head.body, get.body == b"") == (b"", False)


def keep_the_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of the process move on between two scrapes; this one holds them still."""
    answers: list[Any] = []
    answer = endpoints.answer

    def once(*arguments: Any) -> Any:
        answers.append(answers[0] if answers else answer(*arguments))
        return answers[0]

    monkeypatch.setattr("kyros_obs.asgi.answer", once)
    monkeypatch.setattr("kyros_obs.wsgi.answer", once)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [("/metrics", {"X-Forwarded-For": "203.0.113.9"}, 403), ("/healthz", {}, 200)],
)
def test_what_is_no_exposition_is_not_compressed(
    client: Client, path: str, headers: Mapping[str, str], status: int
) -> None:
    """A refusal and a health check have nothing to win by it."""
    response = client("GET", path, {"Accept-Encoding": "gzip", **headers})
    assert response.status == status
    assert not {"content-encoding", "vary"} & set(response.headers)

"""What the conformance matrix leaves out of the label `endpoint`: several requests, and when.

What each kind of route is counted as stands in `python/conformance/table.py`.
"""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match

import kyros_obs
from kyros_obs.testing import Captured
from tests.clients import AsgiClient


def make_app() -> FastAPI:
    """An application that answers and breaks."""
    app = FastAPI()

    @app.get("/items/{item_id}")
    async def item(item_id: int) -> int:
        return item_id

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("broken")

    return app


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_what_the_sdk_answers(seen: Captured, path: str) -> None:
    """Has its own path as its template."""
    assert AsgiClient(instrumented(make_app())).get(path).status_code == 200
    samples = seen.samples("http_requests_total")
    assert [sample.labels["endpoint"] for sample in samples] == [path]
    assert [line["route"] for line in seen.access_lines()] == [path]


def test_two_sub_applications_keep_their_templates(seen: Captured) -> None:
    """The same application under two mounts has two labels."""
    app, shared = FastAPI(), make_app()
    app.mount("/one", shared)
    app.mount("/two", shared)
    client = AsgiClient(instrumented(app))
    for path in ("/one/items/1", "/two/items/1", "/one/items/2"):
        client.get(path)
    assert seen.metric("http_requests_total", endpoint="/one/items/{item_id}") == 2
    assert seen.metric("http_requests_total", endpoint="/two/items/{item_id}") == 1


def test_routes_of_one_template_are_one_series(seen: Captured) -> None:
    """A thousand raw paths make one series."""
    client = AsgiClient(instrumented(make_app()))
    client.together(*[("GET", f"/items/{number}") for number in range(1000)])
    assert seen.metric("http_requests_total") == 1000
    assert len(seen.samples("http_requests_total")) == 1


class Foreign(BaseRoute):
    """A route of somebody's own, which tells the scope what it likes."""

    def __init__(self, told: dict[str, object]) -> None:
        """Know what to tell."""
        self.told = told

    def matches(self, scope: Any) -> tuple[Match, Any]:
        """Take every request."""
        taken = Match.FULL if scope["type"] == "http" else Match.NONE
        return taken, {"endpoint": self.handle}

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer."""
        scope.update(self.told)
        await PlainTextResponse("foreign")(scope, receive, send)


@pytest.mark.parametrize(
    "told",
    [
        {"root_path": "/foreign", "app_root_path": "", "route": None},
        {"root_path": 7, "app_root_path": ""},
        {"route": object()},
        {"router": object()},
        {"fastapi": object()},
    ],
)
def test_what_cannot_be_resolved(seen: Captured, told: dict[str, object]) -> None:
    """Has a constant as its label, is counted as a failure of ours, and fails nothing."""
    client = AsgiClient(instrumented(Starlette(routes=[Foreign(told)])))
    for path in ("/foreign/7", "/foreign/8"):
        assert client.get(path).text == "foreign"
    assert seen.metric("http_requests_total", endpoint="_unresolved", code="200") == 2
    assert seen.metric("kyros_instrumentation_errors_total", component="route") == 2


@pytest.mark.parametrize("instrument_first", [True, False])
def test_when_instrument_is_called_does_not_matter(
    seen: Captured, *, instrument_first: bool
) -> None:
    """Before the routes and middleware, or after the first request: both see the 500."""
    app = FastAPI()
    steps: Iterable[Callable[[], object]] = (
        lambda: kyros_obs.instrument(app),
        lambda: app.include_router(make_app().router),
    )
    for step in steps if instrument_first else reversed([*steps]):
        step()
        AsgiClient(app).get("/nowhere")
    assert AsgiClient(app).get("/broken").status_code == 500
    assert seen.metric("http_requests_total", code="500") == 1


def instrumented(app: Starlette) -> Starlette:
    """Instrument twice, to no effect."""
    return kyros_obs.instrument(kyros_obs.instrument(app))

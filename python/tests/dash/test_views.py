"""Pages that somebody opens: one row and one count for each, and none for what opens no page."""

from collections import OrderedDict
from typing import Any

import dash
import flask
import pytest
from dash import Input, Output, html

import kyros_obs
from kyros_obs.testing import Captured, capture
from tests.clients import call, target, trigger
from tests.dash.visitor import ACME

PREFIX = "/dash/clv/"
ROUTER = ".._pages_content.children..._pages_store.data.."
OUTPUTS = [target("_pages_content", "children"), target("_pages_store", "data")]


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are a process' own in Dash; here each test has its own."""
    from dash import _pages  # noqa: PLC0415 - emptied as Dash has no way to

    monkeypatch.setattr(_pages, "PAGE_REGISTRY", OrderedDict[str, Any]())


def with_pages(**options: Any) -> dash.Dash:
    """An application with pages, for one tenant."""
    app = make_app(use_pages=True, pages_folder="", **options)
    dash.register_page("home", path="/", layout=html.Div("home"))
    dash.register_page("client", path_template="/client/<number>", layout=lambda **_: html.Div())
    dash.register_page("broken", path="/broken", layout=broken)
    return app


def broken(**_: object) -> html.Div:
    """A page that can't be shown."""
    raise RuntimeError("broken")


def make_app(**options: Any) -> dash.Dash:
    """An application that refuses whoever says so."""
    app = dash.Dash("app", url_base_pathname=PREFIX, suppress_callback_exceptions=True, **options)
    app.layout = html.Div()

    def guard() -> tuple[str, int] | None:
        flask.g.tenant_id = ACME
        return ("no", 401) if "X-Stranger" in flask.request.headers else None

    app.server.before_request(guard)

    @app.callback(Output("other", "children"), Input("_pages_location", "pathname"))
    def other(pathname: str) -> str:
        return pathname

    return kyros_obs.instrument(app)


def navigate(
    app: dash.Dash, path: str, *changed: str, headers: dict[str, str] | None = None
) -> None:
    """Have the page of a path shown, as the browser does when it has loaded and later."""
    body = {
        "output": ROUTER,
        "outputs": OUTPUTS,
        "inputs": [
            {"id": "_pages_location", "property": "pathname", "value": path},
            {"id": "_pages_location", "property": "search", "value": "?secret=1"},
        ],
        "changedPropIds": [f"_pages_location.{name}" for name in changed],
    }
    call(app.server, f"{PREFIX}_dash-update-component", "POST", json=body, headers=headers)


ROUTED: list[tuple[str, tuple[str, ...], dict[str, str], str | None]] = [
    (PREFIX, ("pathname", "search"), {}, "/"),
    (PREFIX, (), {}, "/"),
    (f"{PREFIX}client/7", ("pathname",), {}, "/client/<number>"),
    (f"{PREFIX}client/7", ("search",), {}, None),
    (f"{PREFIX}nothing", ("pathname",), {}, None),
    (f"{PREFIX}broken", ("pathname",), {}, None),
    (PREFIX, ("pathname",), {"X-Stranger": "1"}, None),
]


@pytest.mark.parametrize(("path", "changed", "headers", "page"), ROUTED)
def test_pages(
    seen: Captured, path: str, changed: tuple[str, ...], headers: dict[str, str], page: str | None
) -> None:
    """The page, by its template; its document and its other callbacks are no views."""
    app = with_pages()
    call(app.server, path, headers=headers)
    trigger(
        app.server,
        "other.children",
        target("other", "children"),
        ("_pages_location", "pathname", path),
        prefix=PREFIX,
        headers=headers,
    )
    navigate(app, path, *changed, headers=headers)
    check(seen, [page] if page else [])


INDEXED: list[tuple[dict[str, str], int]] = [
    ({}, 1),
    ({"Sec-Fetch-Dest": "document"}, 1),
    ({"Sec-Fetch-Dest": "iframe"}, 1),
    ({"Sec-Fetch-Dest": "image"}, 0),
    ({"Sec-Fetch-Dest": "document", "Sec-Purpose": "prefetch;prerender"}, 0),
    ({"X-Stranger": "1"}, 0),
]


@pytest.mark.parametrize(("headers", "views"), INDEXED)
def test_documents(seen: Captured, headers: dict[str, str], views: int) -> None:
    """Of an application without pages, the document is what is opened."""
    app = make_app()
    call(app.server, PREFIX, headers=headers)
    for part in ("_dash-layout", "_dash-dependencies"):
        call(app.server, PREFIX + part, headers=headers)
    trigger(
        app.server,
        "other.children",
        target("other", "children"),
        ("_pages_location", "pathname", PREFIX),
        prefix=PREFIX,
    )
    check(seen, ["/"] * views)


def test_page_that_an_error_was_made_of(seen: Captured) -> None:
    """An application's own answer to an error is not the page."""
    app = with_pages(on_error=lambda _error: [html.Div("sorry"), {"title": "sorry"}])
    navigate(app, f"{PREFIX}broken", "pathname")
    assert seen.metric("dash_callbacks_total", outcome="handled") == 1
    check(seen, [])


def test_document_that_nobody_asks_for(seen: Captured) -> None:
    """One that is made without a request is no view, and no failure."""
    parts = ("metas", "title", "css", "config", "scripts", "app_entry", "favicon", "renderer")
    assert make_app().interpolate_index(**dict.fromkeys(parts, ""))
    check(seen, [])


@pytest.mark.parametrize(
    ("kept", "rows", "count"), [("audit", 1, 1), ("count", 0, 1), ("none", 0, 0)]
)
def test_setting(kept: str, rows: int, count: int) -> None:
    """A view leaves a row and a count, the count alone, or nothing."""
    with capture(dash_views=kept) as seen:
        navigate(with_pages(), PREFIX, "pathname")
        assert len(seen.audit) == rows
        assert seen.metric("dash_page_views_total") == count


def check(seen: Captured, pages: list[str]) -> None:
    """Rows and counts are the same views."""
    rows = [(row["action"], row["resource"], row["tenant_id"], row["meta"]) for row in seen.audit]
    assert rows == [("view_dashboard", "clv", ACME, {"page": page}) for page in pages]
    for page in pages:
        labels = {"app_slug": "clv", "page": page, "tenant_id": ACME}
        assert seen.metric("dash_page_views_total", **labels) == pages.count(page)
    assert seen.metric("dash_page_views_total") == len(pages)
    assert seen.metric("kyros_instrumentation_errors_total") == 0

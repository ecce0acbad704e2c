"""Every way in which Dash comes to a callback, on real servers: each run is counted once."""

import importlib.util
import re
from collections.abc import Iterator
from typing import Any

import dash
import pytest

from tests.clients import target
from tests.clusters import Cluster, running
from tests.dash.visitor import ACME, Click, Visitor, click, connected, given
from tests.dash.zoo import SLUG

_ONE_WORKER = "--workers 1 --threads 4"
_GUNICORN = f"gunicorn --no-control-socket --preload {_ONE_WORKER} --bind 127.0.0.1:{{port}}"
_UVICORN = "uvicorn --factory --host 127.0.0.1 --ws wsproto --port {port}"

#: Dash has servers beside Flask since 4.2; with asgiref, Flask runs callbacks asynchronously.
SEVERAL = importlib.util.find_spec("dash.backends") is not None
ASYNCHRONOUS = importlib.util.find_spec("asgiref") is not None
#: Dash 2 prevents an update where a callback wants none.
OLD = importlib.util.find_spec("dash.background_callback") is None
SERVERS = {
    "flask": f"{_GUNICORN} tests.dash.zoo:make_flask()",
    **(
        {
            "fastapi": f"{_UVICORN} tests.dash.zoo:make_fastapi",
            "quart": f"{_UVICORN} tests.dash.zoo:make_quart",
        }
        if SEVERAL
        else {}
    ),
}

X7 = {"type": "x", "index": 7}
MATCHED = '{"index":["MATCH"],"type":"x"}.children'
DUPLICATE = re.compile(r"one\.children@([0-9a-f]{8})[0-9a-f]{56}")
HASH = re.compile(r"[0-9a-f]{64}")

#: A click, its status, and the label and the outcome of the run that it is.
ROWS: list[tuple[Click, int, str, str]] = [
    (click("one.children"), 200, "one.children", "ok"),
    (click("a.children", "b.value"), 200, "..a.children...b.value..", "ok"),
    (click("partial.children", "rest.children"), 200, "..partial.children...rest.children..", "ok"),
    (click("large.children"), 200, "large.children", "ok"),
    (click("global.children"), 200, "global.children", "ok"),
    (Click(MATCHED, target(X7, "children"), given(X7, "id", X7)), 200, MATCHED, "ok"),
    (
        Click(
            "sum.children",
            target("sum", "children"),
            [[given({"type": "y", "index": one}, "value", one) for one in (1, 2)]],
        ),
        200,
        "sum.children",
        "ok",
    ),
    (click("prevented.children"), 204, "prevented.children", "prevent_update"),
    (
        click("unchanged.children"),
        *(
            (204, "unchanged.children", "prevent_update")
            if OLD
            else (200, "unchanged.children", "ok")
        ),
    ),
    (click("broken.children"), 500, "broken.children", "error"),
    (click("swallowed.children"), 200, "swallowed.children", "handled"),
    (click("logged.children"), 200, "logged.children", "ok"),
]
COROUTINE = (click("coroutine.children"), 200, "coroutine.children", "ok")


def rows(server: str) -> list[tuple[Click, int, str, str]]:
    """What a server is asked."""
    return [*ROWS, *([COROUTINE] if server != "flask" or ASYNCHRONOUS else [])]


@pytest.fixture(scope="module", params=SERVERS)
def cluster(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Cluster]:
    """Each server of the zoo."""
    directory = tmp_path_factory.mktemp(request.param)
    variables = {"KYROS_OBS_LOG_LEVEL": "info"}
    with running(SERVERS[request.param], directory, workers=1, variables=variables) as one:
        yield one


@pytest.fixture
def server(request: pytest.FixtureRequest) -> str:
    """Its name."""
    return str(request.node.callspec.params["cluster"])


def test_requests(cluster: Cluster, server: str) -> None:
    """By HTTP: one duration and one outcome for each, an error where one was raised."""
    visitor = Visitor(cluster.port)
    for clicked, status, label, outcome in rows(server):
        before = visitor.counted("dash_callbacks_total")
        assert visitor.click(clicked).status_code == status, label
        check(visitor, label, outcome)
        assert visitor.counted("dash_callbacks_total") == before + 1


def check(visitor: Visitor, label: str, outcome: str, runs: int = 1) -> None:
    """What is counted of a callback agrees, and has the tenant."""
    labels = {"app_slug": SLUG, "callback": label, "tenant_id": ACME}
    assert visitor.counted("dash_callbacks_total", outcome=outcome, **labels) == runs, label
    assert visitor.counted("dash_callbacks_total", callback=label) == runs
    assert visitor.counted("dash_callback_duration_seconds_count", **labels) == runs
    errors = runs if outcome in {"error", "handled"} else 0
    assert visitor.counted("dash_callback_errors_total", **labels) == errors
    logged = runs if label == "logged.children" else 0
    assert visitor.counted("dash_callback_logged_errors_total", **labels) == logged


def test_ids_that_are_hashes(cluster: Cluster) -> None:
    """Duplicates and callbacks without output: short labels, the same on every machine."""
    visitor = Visitor(cluster.port)
    ids = [str(one["output"]) for one in visitor.get("_dash-dependencies").json()]
    duplicate = next(one for one in ids if DUPLICATE.fullmatch(one))
    silent = next(one for one in ids if HASH.fullmatch(one))
    clicks = [
        click("one.children", output=duplicate, source="again"),
        click(output=silent, source="silent"),
    ]
    for clicked in clicks:
        assert visitor.click(clicked).status_code == 200
    check(visitor, DUPLICATE.sub(r"one.children@\1", duplicate), "ok")
    check(visitor, f"_plain.<locals>.no_output#{silent[:8]}", "ok")


def test_what_is_known_of_a_run(cluster: Cluster, server: str) -> None:
    """How long it waited, what it answered, and whether it kept the server's loop."""
    visitor = Visitor(cluster.port)
    before = visitor.counted("dash_callback_response_size_bytes_sum", callback="large.children")
    answer = visitor.click(click("large.children"))
    labels = {"callback": "large.children", "tenant_id": ACME}
    sizes = visitor.counted("dash_callback_response_size_bytes_sum", **labels)
    assert sizes - before == len(answer.content)
    waits = visitor.counted("dash_callback_wait_seconds_count", **labels)
    assert waits == visitor.counted("dash_callback_duration_seconds_count", **labels)
    blocked = visitor.counted("dash_callback_blocked_seconds_total", **labels)
    assert (blocked > 0) == (server != "flask")
    coroutine = visitor.counted(
        "dash_callback_blocked_seconds_total", callback="coroutine.children"
    )
    assert coroutine == 0


def test_views(cluster: Cluster) -> None:
    """A page that is shown is a view, and its document none, for there are pages."""
    visitor = Visitor(cluster.port)
    visitor.get("client/7")
    place = [
        given("_pages_location", "pathname", f"{visitor.prefix}client/7"),
        given("_pages_location", "search", ""),
    ]
    outputs = [target("_pages_content", "children"), target("_pages_store", "data")]
    router = Click(".._pages_content.children..._pages_store.data..", outputs, place)
    assert visitor.click(router).status_code == 200
    labels = {"app_slug": SLUG, "page": "/client/<number>", "tenant_id": ACME}
    assert visitor.counted("dash_page_views_total", **labels) == 1
    assert visitor.counted("dash_page_views_total") == 1


def test_metrics_in_front_of_guards(cluster: Cluster) -> None:
    """They answer where nobody is let in, and have a guard of their own."""
    nobody = Visitor(cluster.port, None)
    assert nobody.get().status_code == 401
    assert nobody.ask("GET", "/metrics").status_code == 200
    forwarded = {"x-forwarded-for": "203.0.113.9"}
    assert nobody.ask("GET", "/metrics", headers=forwarded).status_code == 403


def test_what_is_no_run(cluster: Cluster) -> None:
    """Who is refused, an output that a client made up, a browser's callback: no series of it."""
    visitor = Visitor(cluster.port)
    before = visitor.counted("dash_callbacks_total")
    assert Visitor(cluster.port, None).click(click("one.children")).status_code == 401
    assert visitor.click(click("made.up")).status_code == 500
    assert visitor.click(click("browser.children")).status_code == 500
    assert visitor.counted("dash_callbacks_total") == before


def test_a_query_string_hides_nothing(cluster: Cluster) -> None:
    """That of a poll makes no poll of a callback that isn't in the background."""
    visitor = Visitor(cluster.port)
    before = visitor.counted("dash_callbacks_total", callback="one.children")
    visitor.click(click("one.children"), {"cacheKey": "x", "job": "1"})
    assert visitor.counted("dash_callbacks_total", callback="one.children") == before + 1


def test_errors_have_a_line(cluster: Cluster) -> None:
    """One, whoever would have logged it: with the tenant and the callback."""
    visitor = Visitor(cluster.port)
    before = told(cluster, '"broken"')
    visitor.click(click("broken.children"))
    (line,) = told(cluster, '"broken"')[len(before) :]
    assert f'"tenant_id":"{ACME}"' in line
    assert '"callback":"broken.children"' in line


def told(cluster: Cluster, text: str) -> list[str]:
    """Lines of errors with a text."""
    lines = cluster.written().splitlines()
    return [line for line in lines if text in line and '"level":"error"' in line]


if SEVERAL:

    def test_models(cluster: Cluster) -> None:
        """By MCP: a tool is a callback, and an error in it is an answer."""
        visitor = Visitor(cluster.port)
        tools = visitor.tools()
        for label, outcome, is_error in [
            ("large.children", "ok", False),
            ("broken.children", "error", True),
            ("prevented.children", "prevent_update", True),
        ]:
            name = next(name for name, said in tools.items() if label.split(".")[0] in said)
            before = visitor.counted("dash_callbacks_total", callback=label, outcome=outcome)
            answer = visitor.model(name, {"n_clicks": 1})["result"]
            after = visitor.counted("dash_callbacks_total", callback=label, outcome=outcome)
            assert (bool(answer.get("isError")), after - before) == (is_error, 1), label

    def test_routes_of_callbacks(cluster: Cluster) -> None:
        """A callback's own route is a route: a request like others, and no run."""
        visitor = Visitor(cluster.port)
        before = visitor.counted("dash_callbacks_total")
        answer = visitor.ask("POST", "/api/one", json={"clicks": 3}, headers=visitor.headers)
        assert answer.json() == "3 clicks"
        assert visitor.counted("dash_callbacks_total") == before
        assert visitor.counted("http_requests_total", endpoint="/api/one", tenant_id=ACME) == 1

    def test_sockets(cluster: Cluster, server: str) -> None:
        """By WebSocket, where the server has them: many on one connection."""
        if server == "flask":
            assert dash.Dash("none").backend.websocket_capability is False
            return
        visitor = Visitor(cluster.port)
        before = {
            label: visitor.counted("dash_callbacks_total", callback=label)
            for *_, label, _ in rows(server)
        }
        with connected(cluster.port) as connection:
            for clicked, status, label, outcome in rows(server):
                answer = connection.click(clicked)
                expected = {204: "prevent_update", 500: "error"}.get(status, "ok")
                assert answer["status"] == expected, label
                labels = {"callback": label, "tenant_id": ACME}
                assert visitor.counted("dash_callbacks_total", **labels) == before[label] + 1
                assert visitor.counted("dash_callbacks_total", outcome=outcome, **labels) > 0
        assert (
            visitor.counted("dash_callback_blocked_seconds_total", callback="coroutine.children")
            == 0
        )

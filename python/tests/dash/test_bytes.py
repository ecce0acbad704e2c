"""What is observed answers the same, byte for byte."""

import re
from pathlib import Path

import httpx
import pytest

from tests.clients import target
from tests.clusters import running
from tests.dash.test_paths import SERVERS, rows
from tests.dash.visitor import Click, Visitor, given
from tests.dash.zoo import MODEL, PLAIN

#: Headers that differ from server to server.
OTHER = {"date", "mcp-session-id"}
#: What Dash draws by lot for each page it sends.
ONCE = re.compile(rb'"end_id":"[^"]+"')
PAGES = [
    "",
    "client/7",
    "nothing/there",
    "_dash-layout",
    "_dash-dependencies",
    "_favicon.ico",
    "_dash-component-suites/dash/made/up.js",
]


def answers(server: str, directory: Path, *, plain: bool) -> dict[str, tuple[object, ...]]:
    """What a server answers to all that the zoo can be asked."""
    # Dash writes sets into its pages.
    variables = {"PYTHONHASHSEED": "0", **({PLAIN: "1"} if plain else {})}
    with running(SERVERS[server], directory, workers=1, variables=variables, probe="/") as cluster:
        visitor = Visitor(cluster.port)
        visitor.headers["host"] = "zoo.test"  # pages tell it, with the port
        got = {page: visitor.get(page) for page in PAGES}
        got |= {click.output: visitor.click(click) for click, *_ in rows(server)}
        got["routed"] = visitor.click(routed(visitor.prefix))
        got["made up"] = visitor.click(Click("made.up", target("made", "up"), given("go", "x", 1)))
        got["nobody"] = Visitor(cluster.port, None).get(headers={"host": "zoo.test"})
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        path = f"{visitor.prefix}{MODEL}"
        got["model"] = visitor.ask("POST", path, json=message, headers=visitor.headers)
        got["route"] = visitor.ask("POST", "/api/one", json={"clicks": 1}, headers=visitor.headers)
        return {name: parts(answer) for name, answer in got.items()}


def routed(prefix: str) -> Click:
    """A page that is shown."""
    place = [
        given("_pages_location", "pathname", f"{prefix}client/7"),
        given("_pages_location", "search", ""),
    ]
    outputs = [target("_pages_content", "children"), target("_pages_store", "data")]
    return Click(".._pages_content.children..._pages_store.data..", outputs, place)


def parts(answer: httpx.Response) -> tuple[object, ...]:
    """Status, headers and body."""
    headers = [pair for pair in answer.headers.multi_items() if pair[0].lower() not in OTHER]
    return answer.status_code, headers, ONCE.sub(b'"end_id":""', answer.content)


@pytest.mark.parametrize("server", SERVERS)
def test_bytes(server: str, tmp_path: Path) -> None:
    """Status, headers and body of all that the zoo answers."""
    plain = answers(server, tmp_path / "plain", plain=True)
    observed = answers(server, tmp_path / "observed", plain=False)
    for name, answer in plain.items():
        assert observed[name] == answer, name

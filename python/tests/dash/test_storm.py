"""Two tenants, and callers who are nobody, all at once: no run is anybody else's."""

import json
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.clients import target
from tests.clusters import running
from tests.dash.test_paths import SERVERS, SEVERAL
from tests.dash.visitor import ACME, Click, Visitor, click, connected, given

GLOBEX = "1f0e9d8c-7b6a-4594-8372-615049382716"
TENANTS = (ACME, GLOBEX, None)
CALLERS = 12
CLICKS = 40
#: What is in the line of a callback that failed.
FAILURE = '"message":"broken"'
CLICKED = {
    "one.children": click("one.children"),
    "broken.children": click("broken.children"),
    "swallowed.children": click("swallowed.children"),
    "prevented.children": click("prevented.children"),
}


def bound(tenant: str) -> Click:
    """A callback that learns by itself for whom it is."""
    return Click("bound.children", target("bound", "children"), given("whose", "value", tenant))


@pytest.mark.parametrize("server", SERVERS)
def test_storm(server: str, tmp_path: Path) -> None:
    """Each caller is all tenants in turn; what was counted for each is what each has clicked."""
    with running(SERVERS[server], tmp_path, workers=1) as cluster:

        def call(seed: int) -> Counter[tuple[str, str]]:
            draw = random.Random(seed)  # noqa: S311 - a schedule, no secret
            clicked: Counter[tuple[str, str]] = Counter()
            for _ in range(CLICKS):
                tenant = draw.choice(TENANTS)
                label = draw.choice([*CLICKED, "bound.children"])
                other = GLOBEX if tenant == ACME else ACME
                one = CLICKED.get(label) or bound(other)
                answer = Visitor(cluster.port, tenant).click(one)
                assert (answer.status_code == 401) == (tenant is None)
                if tenant is not None:
                    clicked[label, tenant if label in CLICKED else other] += 1
            return clicked

        with ThreadPoolExecutor(CALLERS) as pool:
            clicked = sum(pool.map(call, range(CALLERS)), Counter[tuple[str, str]]())
        visitor = Visitor(cluster.port)
        counted: Counter[tuple[str, str]] = Counter()
        for labels, value in visitor.series("dash_callbacks_total"):
            counted[labels["callback"], labels["tenant_id"]] += int(value)
        assert counted == clicked
        failed = [json.loads(line) for line in cluster.written().splitlines() if FAILURE in line]
        told = Counter(("broken.children", line["tenant_id"]) for line in failed)
        assert told == {one: count for one, count in clicked.items() if one[0] == "broken.children"}
        refused = CALLERS * CLICKS - clicked.total()
        assert visitor.counted("http_requests_total", code="401", tenant_id="_none") == refused


if SEVERAL:

    @pytest.mark.parametrize("server", ["fastapi", "quart"])
    def test_storm_of_sockets(server: str, tmp_path: Path) -> None:
        """The same over WebSockets: what one callback binds is not the connection's."""
        with running(SERVERS[server], tmp_path, workers=1) as cluster:

            def call(number: int) -> None:
                tenant, other = (ACME, GLOBEX) if number % 2 else (GLOBEX, ACME)
                with connected(cluster.port, tenant) as connection:
                    for _ in range(CLICKS):
                        connection.click(bound(other))
                        connection.click(CLICKED["one.children"])

            with ThreadPoolExecutor(CALLERS) as pool:
                list(pool.map(call, range(CALLERS)))
            visitor = Visitor(cluster.port)
            each = CALLERS * CLICKS / 2
            for label in ("bound.children", "one.children"):
                for tenant in (ACME, GLOBEX):
                    runs = visitor.counted("dash_callbacks_total", callback=label, tenant_id=tenant)
                    assert runs == each
            assert visitor.counted("dash_callbacks_total") == 4 * each

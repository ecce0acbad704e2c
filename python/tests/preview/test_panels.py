"""Every panel of every dashboard, asked of a real Prometheus: it draws data, or says why not."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from kyros_obs.preview.answers import Graph, Reason, Sources, ask
from kyros_obs.preview.controls import opened
from kyros_obs.preview.dashboards import Dashboard, Panel, load
from kyros_obs.preview.drawing.panel import draw
from kyros_obs.preview.prometheus import Prometheus
from kyros_obs.preview.view import View
from tests.preview import recorded

LOADED = load(recorded.DASHBOARDS)
PANELS = [
    pytest.param(dashboard, panel, id=f"{dashboard.uid} {panel.title}")
    for dashboard in LOADED.values()
    for panel in dashboard.panels
]
#: What these panels need is not given to the preview here.
ELSEWHERE = {"loki": "--loki", "grafana-postgresql-datasource": "--postgres"}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    """A Prometheus that knows all."""
    directory = tmp_path_factory.mktemp("full")
    with (
        recorded.prometheus(directory, recorded.everything()) as url,
        closing(Prometheus(url)) as asked,
    ):
        yield Sources(asked, scrape=recorded.SCRAPE)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    """A Prometheus that knows nothing."""
    directory = tmp_path_factory.mktemp("empty")
    with recorded.prometheus(directory, "# EOF\n") as url, closing(Prometheus(url)) as asked:
        yield Sources(asked, scrape=recorded.SCRAPE)


@pytest.mark.parametrize(("dashboard", "panel"), PANELS)
def test_with_data(full: Sources, dashboard: Dashboard, panel: Panel) -> None:
    """Series are drawn; rows and lines of stores that aren't there are owned up to."""
    view = opened(dashboard, full, View({}, "now-10m", "now"))
    answer = ask(full, dashboard, panel, view)
    if panel.source in ELSEWHERE:
        assert isinstance(answer, Reason)
        assert ELSEWHERE[panel.source] in answer.text
        assert not answer.wrong
    else:
        assert isinstance(answer, Graph), answer
        assert "$" not in "".join(one.name for one in answer.series)
    assert draw(panel, answer, view)


@pytest.mark.parametrize(("dashboard", "panel"), PANELS)
def test_without_data(empty: Sources, dashboard: Dashboard, panel: Panel) -> None:
    """What isn't there is named, unless a query has a number for that itself."""
    view = opened(dashboard, empty, View({}, "now-10m", "now"))
    answer = ask(empty, dashboard, panel, view)
    if isinstance(answer, Reason):
        assert "no series of" in answer.text or panel.source in ELSEWHERE
    else:
        assert "vector(0)" in "".join(target.text for target in panel.targets)
    assert draw(panel, answer, view)


def test_a_wrong_query(full: Sources) -> None:
    """What Prometheus refuses is said in the panel that asked."""
    dashboard = LOADED["kyros-saas-overview"]
    panel = dashboard.panels[0]
    target = type(panel.targets[0])("A", "sum(rate(up[")
    wrong = type(panel)(**{**vars(panel), "targets": (target,)})
    answer = ask(full, dashboard, wrong, opened(dashboard, full, View({})))
    assert isinstance(answer, Reason)
    assert answer.wrong
    assert "parse error" in answer.text


def test_choices(full: Sources) -> None:
    """Variables offer what there is; where one has to be chosen, it is the first."""
    dashboard = LOADED["kyros-tenant-drill-down"]
    view = opened(dashboard, full, View({}))
    assert {name: list(chosen) for name, chosen in view.values.items()} == {
        dashboard.variables[3].name: ["one"],
        "service": ["$__all"],
    }

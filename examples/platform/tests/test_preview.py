"""The preview's rows come from a real Postgres, which it can't change."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from examples.platform.launch.audit_database import prepare
from examples.platform.launch.postgres import Database, start_postgres
from examples.platform.launch.processes import Processes
from kyros_obs.preview.answers import Reason, Sources, ask
from kyros_obs.preview.dashboards import Dashboard, Panel, load
from kyros_obs.preview.failure import QuestionError
from kyros_obs.preview.postgres import Postgres, Rows
from kyros_obs.preview.prometheus import Prometheus
from kyros_obs.preview.view import View

DASHBOARDS = Path(__file__).parents[3] / "dashboards" / "out"
SOURCE = "grafana-postgresql-datasource"
TENANT = "8e1b3d5b-64c1-4f0e-9a57-0c1f2b7d9a11"
INSERT = """
INSERT INTO audit_logs (event_id, ts, service, tenant_id, action, outcome, known_action,
                        writer_id, writer_seq)
SELECT gen_random_uuid(), now(), 's', %s, action, 'success', true, gen_random_uuid(), 1
FROM unnest(ARRAY['view_dashboard', 'update_tenant']) AS action
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated database with two rows of a tenant."""
    with Processes(tmp_path_factory.mktemp("logs")) as processes:
        started = start_postgres(processes, None)
        with psycopg.connect(prepare(started)) as connection:
            connection.execute(INSERT, (TENANT,))
        yield started


def audits() -> list[tuple[Dashboard, Panel]]:
    """The panels that show rows of the audit trail."""
    return [
        (dashboard, panel)
        for dashboard in load(DASHBOARDS).values()
        for panel in dashboard.panels
        if panel.source == SOURCE
    ]


@pytest.mark.parametrize(
    ("chosen", "rows"), [(TENANT, 1), ("x", 0), ("x') OR true --", 0), (f"{TENANT}' OR '1", 0)]
)
def test_rows(database: Database, chosen: str, rows: int) -> None:
    """Each panel shows its row of the chosen tenant, and of nobody else for whatever is chosen."""
    found = audits()
    assert found
    with closing(Prometheus("http://127.0.0.1:1")) as prometheus:
        sources = Sources(prometheus, postgres=Postgres(database.dsn))
        for dashboard, panel in found:
            names = [one.name for one in dashboard.variables if not one.multi]
            view = View({name: [chosen] for name in names}, "now-5m", "now")
            answer = ask(sources, dashboard, panel, view)
            assert not (isinstance(answer, Reason) and answer.wrong), answer
            assert (len(answer.rows) if isinstance(answer, Rows) else 0) == rows


def test_reading_only(database: Database) -> None:
    """No query changes anything."""
    with pytest.raises(QuestionError, match="read-only"):
        Postgres(database.dsn).rows("CREATE TABLE x ()")

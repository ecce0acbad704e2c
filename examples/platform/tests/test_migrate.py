"""`kyros_obs.migrate` against a real PostgreSQL."""

from pathlib import Path

import psycopg
import pytest

import kyros_obs
from examples.platform.launch.postgres import start_postgres
from examples.platform.launch.processes import Processes


def test_migrate(tmp_path: Path) -> None:
    """What is lacking is applied and named; the second time nothing is."""
    with Processes(tmp_path) as processes:
        database = start_postgres(processes, None)
        applied = kyros_obs.migrate(database.dsn)
        assert applied
        assert kyros_obs.migrate(database.dsn) == []
        with psycopg.connect(database.dsn) as connection:
            names = connection.execute("SELECT name FROM kyros_audit.migrations ORDER BY version")
            assert [name for (name,) in names] == applied
        wrong = database.dsn_of("postgres", "not-to-be-seen")
        with pytest.raises(kyros_obs.AuditError) as refused:
            kyros_obs.migrate(wrong)
        assert "not-to-be-seen" not in str(refused.value)


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://me:not-to-be-seen@127.0.0.1:9/audit",
        "postgresql://me:not-to-be-seen@127.0.0.1:port/audit",
        "not-to-be-seen",
    ],
)
def test_an_address_that_leads_nowhere(dsn: str) -> None:
    """The error is ours and says nothing of the address."""
    with pytest.raises(kyros_obs.AuditError) as refused:
        kyros_obs.migrate(dsn)
    assert "not-to-be-seen" not in str(refused.value) + repr(refused.value)

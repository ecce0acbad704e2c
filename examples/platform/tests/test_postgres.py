"""A database of our own, from the wheel's or Debian's binaries."""

import stat
from pathlib import Path

import psycopg
import pytest

from examples.platform.launch.postgres import address, own_server, start_postgres
from examples.platform.launch.processes import Processes


def test_an_own_server_is_closed_to_others_and_gone_afterwards(tmp_path: Path) -> None:
    """The owner is no superuser, a wrong password opens nothing, and no file stays."""
    with Processes(tmp_path) as processes:
        database = start_postgres(processes, None)
        home = Path(str(processes.children[0].process.args[2])).parent  # type: ignore[index]
        assert stat.S_IMODE((home / "data").stat().st_mode) & 0o077 == 0
        with psycopg.connect(database.dsn) as connection:
            row = connection.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
            assert row.fetchone() == (False,)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(database.dsn_of("postgres", "guess"))
    assert not home.exists()


def test_a_given_server_is_left_as_it_was(tmp_path: Path) -> None:
    """On somebody else's server a database of a new name is made, and dropped again."""
    with Processes(tmp_path / "server") as server:
        given = own_server(server)
        before = _databases(given)
        with Processes(tmp_path / "run") as run:
            start_postgres(run, given)
            assert _databases(given) > before
        assert _databases(given) == before


def test_an_address_is_a_url() -> None:
    """Both forms of a connection string come out as the one that every client reads."""
    url = "postgresql://me:it@127.0.0.1:5433/here"
    assert address("host=127.0.0.1 port=5433 user=me password=it dbname=here") == url
    assert address(url) == url


def _databases(dsn: str) -> set[str]:
    with psycopg.connect(dsn) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}

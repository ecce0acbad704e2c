"""Tenants and their dashboards, as the administrators last left them: in Postgres.

Each worker keeps what it has read, for as long as nobody changes anything: every change raises
the directory's generation in the same transaction, and a reader with an older one reads anew.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

import kyros_obs
from examples.platform.tenants import DASHBOARDS, TENANTS, Tenant

TABLES = """
CREATE TABLE IF NOT EXISTS tenants (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    dashboards text[] NOT NULL DEFAULT '{}'
);
CREATE TABLE IF NOT EXISTS directory (generation bigint NOT NULL);
"""
_SET_UP = "INSERT INTO tenants (id, slug, name, dashboards) VALUES (%s, %s, %s, %s)"
_READ = text("""
SELECT generation, id::text, slug, name, dashboards FROM directory CROSS JOIN tenants
""")
_GENERATION = text("SELECT generation FROM directory")
_RAISE = text("UPDATE directory SET generation = generation + 1")
_CREATE = text("INSERT INTO tenants (id, slug, name) VALUES (:id, :slug, :name)")
_RENAME = text("UPDATE tenants SET name = :name WHERE id = :id")
_ASSIGN = text("""
UPDATE tenants SET dashboards = array_append(array_remove(dashboards, :new), :new)
WHERE id = :id RETURNING dashboards
""")

#: Looks at what a worker has read: hits where it still holds.
_looks = kyros_obs.cache("directory")


class SlugTakenError(Exception):
    """Another tenant has the slug."""


@dataclass
class _Read:
    """What a worker has read, and of which generation it is."""

    generation: int = -1
    tenants: dict[str, Tenant] = field(default_factory=dict)
    dashboards: dict[str, list[str]] = field(default_factory=dict)


class Directory:
    """The tenants by id, and the dashboards assigned to each."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database
        self._read = _Read()

    async def tenant(self, tenant_id: str) -> Tenant | None:
        """Look a tenant up."""
        return (await self._current()).tenants.get(tenant_id)

    async def dashboards(self, tenant_id: str) -> list[str]:
        """List the dashboards of a tenant."""
        return (await self._current()).dashboards.get(tenant_id, [])

    async def reload(self) -> None:
        """Have every worker read the tenants anew."""
        async with self._database.begin() as connection:
            await connection.execute(_RAISE)

    async def create(self, slug: str, name: str) -> Tenant:
        """Add a tenant that has no dashboards yet, or raise `SlugTakenError`."""
        tenant = Tenant(str(uuid.uuid4()), slug, name)
        try:
            async with self._database.begin() as connection:
                new = {"id": tenant.id, "slug": slug, "name": name}
                await connection.execute(_CREATE, new)
                await connection.execute(_RAISE)
        except IntegrityError:
            raise SlugTakenError from None
        return tenant

    async def rename(self, tenant: Tenant, name: str) -> Tenant:
        """Give a tenant another name."""
        async with self._database.begin() as connection:
            await connection.execute(_RENAME, {"id": tenant.id, "name": name})
            await connection.execute(_RAISE)
        return Tenant(tenant.id, tenant.slug, name)

    async def assign(self, tenant: Tenant, dashboard: str) -> list[str]:
        """Open a dashboard to a tenant; answers all that are open."""
        async with self._database.begin() as connection:
            done = await connection.execute(_ASSIGN, {"new": dashboard, "id": tenant.id})
            row = done.fetchone()
            await connection.execute(_RAISE)
        return list(row[0]) if row else []

    async def _current(self) -> _Read:
        """What was read, read anew if somebody has changed anything since."""
        async with self._database.begin() as connection:
            generation = await connection.scalar(_GENERATION)
            if generation == self._read.generation:
                _looks.hit()
            else:
                _looks.miss()
                self._read = _read((await connection.execute(_READ)).all())
        return self._read


def set_up(connection: psycopg.Connection) -> None:
    """Make the tables, with the tenants the platform starts with."""
    connection.execute(TABLES)
    connection.execute("INSERT INTO directory (generation) VALUES (0)")
    for tenant in TENANTS:
        values = (tenant.id, tenant.slug, tenant.name, list(DASHBOARDS))
        connection.execute(_SET_UP, values)


def _read(rows: Sequence[Row[*tuple[Any, ...]]]) -> _Read:
    return _Read(
        generation=max((row[0] for row in rows), default=-1),
        tenants={tenant_id: Tenant(tenant_id, slug, name) for _, tenant_id, slug, name, _ in rows},
        dashboards={tenant_id: list(open_) for _, tenant_id, _, _, open_ in rows},
    )

"""The database as the services find it: migrated, with a login that may only add audit rows."""

import secrets

import psycopg
from psycopg import sql

from examples.platform.api.directory import set_up
from examples.platform.api.preferences import TABLE
from examples.platform.launch.assets import kyros_obs
from examples.platform.launch.postgres import Database

_WRITERS = """
SELECT grantee FROM information_schema.role_table_grants
WHERE table_name = 'audit_logs' AND privilege_type = 'INSERT' AND grantee <> current_user
"""


def prepare(database: Database) -> str:
    """Migrate, and answer the address for the services' login."""
    kyros_obs("migrate", KYROS_OBS_AUDIT_DSN=database.dsn)
    login = sql.Identifier(f"kyros_services_{database.suffix}")
    password = secrets.token_hex(16)
    with psycopg.connect(database.dsn) as connection:
        connection.execute(TABLE)
        set_up(connection)
        create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
        connection.execute(create.format(login, sql.Literal(password)))
        own_tables = sql.SQL(
            "GRANT SELECT, INSERT, UPDATE ON preferences, tenants, directory TO {}"
        )
        connection.execute(own_tables.format(login))
        for (writer,) in connection.execute(_WRITERS).fetchall():
            grant = sql.SQL("GRANT {} TO {}").format(sql.Identifier(writer), login)
            connection.execute(grant)
    return database.dsn_of(f"kyros_services_{database.suffix}", password)

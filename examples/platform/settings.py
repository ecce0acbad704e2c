"""What a service of the platform reads from its environment."""

import os
from pathlib import Path

from sqlalchemy import URL, make_url

SECRETS_VARIABLE = "KYROS_EXAMPLE_SECRETS"
DATABASE_VARIABLE = "KYROS_EXAMPLE_DATABASE_FILE"


def secrets_directory() -> Path:
    """The directory with this run's secrets."""
    return Path(os.environ[SECRETS_VARIABLE])


def database_url() -> URL:
    """The address of the tenant metadata database; it holds a password, so it comes in a file."""
    return of_psycopg(Path(os.environ[DATABASE_VARIABLE]).read_text().strip())


def of_psycopg(dsn: str) -> URL:
    """An address of PostgreSQL for SQLAlchemy, with the driver that is here."""
    return make_url(dsn).set(drivername="postgresql+psycopg")

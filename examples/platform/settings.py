"""What a service of the platform reads from its environment."""

import os
from pathlib import Path

SECRETS_VARIABLE = "KYROS_EXAMPLE_SECRETS"
DATABASE_VARIABLE = "KYROS_EXAMPLE_DATABASE_FILE"


def secrets_directory() -> Path:
    """The directory with this run's secrets."""
    return Path(os.environ[SECRETS_VARIABLE])


def database_dsn() -> str:
    """The address of the tenant metadata database; it holds a password, so it comes in a file."""
    return Path(os.environ[DATABASE_VARIABLE]).read_text().strip()

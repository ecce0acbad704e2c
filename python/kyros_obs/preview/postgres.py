"""Questions to Postgres: in a transaction that may only read, and that ends by itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kyros_obs.preview.dashboards import Variable
from kyros_obs.preview.failure import PreviewError, QuestionError
from kyros_obs.preview.timerange import TimeRange

_MILLISECONDS = 15_000
_CONNECT_SECONDS = 5
_TIME_FILTER = re.compile(r"\$__timeFilter\(\s*([\w.\"]+)\s*\)")


@dataclass(frozen=True)
class Rows:
    """What a query returned."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


class Postgres:
    """A database, by its address."""

    def __init__(self, dsn: str) -> None:
        """Take an address.

        Raises:
            PreviewError: It is none. What it says may be a password, so no part of it is told.
        """
        import psycopg  # noqa: PLC0415 — only who gives an address needs it

        try:
            psycopg.conninfo.conninfo_to_dict(dsn)
        except psycopg.Error:
            hint = "write `postgresql://name@host/database` or `host=… dbname=…`"
            raise PreviewError(f"`--postgres` is no address\n  hint: {hint}") from None
        self._dsn = dsn

    def rows(self, query: str) -> Rows:
        """What a query returns."""
        import psycopg  # noqa: PLC0415 — only who gives an address needs it

        try:
            with self._connection() as connection, connection.cursor() as cursor:
                cursor.execute(query.encode())
                columns = [column.name for column in cursor.description or ()]
                return Rows(columns, cursor.fetchall() if columns else [])
        except psycopg.Error as error:
            raise QuestionError(f"Postgres refused the query: {str(error).strip()}") from error

    def _connection(self) -> Any:  # noqa: ANN401 — psycopg's, which may be absent
        """A connection. What a failure says of the address may be a part of its password."""
        import psycopg  # noqa: PLC0415

        options = f"-c statement_timeout={_MILLISECONDS} -c default_transaction_read_only=on"
        try:
            return psycopg.connect(self._dsn, connect_timeout=_CONNECT_SECONDS, options=options)
        except psycopg.Error:
            where = "at the address of `--postgres`"
            raise QuestionError(f"Postgres can't be connected to {where}") from None


def with_time(query: str, period: TimeRange) -> str:
    """A query with its time filters written out."""
    start, end = (_timestamp(moment) for moment in (period.start, period.end))
    return _TIME_FILTER.sub(rf"\1 BETWEEN '{start}' AND '{end}'", query)


def quoted(variable: Variable, chosen: Sequence[str]) -> str:
    """Values as texts of SQL, with commas."""
    del variable
    return ",".join(f"'{value}'" for value in chosen)


def harmless(values: Sequence[str]) -> list[str]:
    """Values that can't end the text of SQL that they stand in."""
    return [value.replace("'", "''").replace("\x00", "") for value in values]


def _timestamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")

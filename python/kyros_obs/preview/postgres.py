"""Questions to Postgres: in a transaction that may only read, and that ends by itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kyros_obs.preview.dashboards import Variable
from kyros_obs.preview.failure import QuestionError
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
        self._dsn = dsn

    def rows(self, query: str) -> Rows:
        """What a query returns."""
        import psycopg  # noqa: PLC0415 — only who gives an address needs it

        options = f"-c statement_timeout={_MILLISECONDS} -c default_transaction_read_only=on"
        try:
            with (
                psycopg.connect(
                    self._dsn, connect_timeout=_CONNECT_SECONDS, options=options
                ) as connection,
                connection.cursor() as cursor,
            ):
                cursor.execute(query.encode())
                columns = [column.name for column in cursor.description or ()]
                return Rows(columns, cursor.fetchall() if columns else [])
        except psycopg.Error as error:
            raise QuestionError(f"Postgres refused the query: {str(error).strip()}") from error


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

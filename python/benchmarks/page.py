"""Puts the numbers of a run into `docs/benchmarks.md`: `make bench NUMBERS=--write`."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from table import Row

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN = "<!-- Written by `make bench NUMBERS=--write`. Do not edit. -->"
END = "<!-- To here. -->"

PACKAGES = (
    "fastapi",
    "dash",
    "prometheus_client",
    "prometheus-fastapi-instrumentator",
    "starlette-exporter",
    "structlog",
    "opentelemetry-sdk",
    "opentelemetry-instrumentation-fastapi",
)


def write(rows: Iterable[Row], notes: Iterable[str]) -> None:
    """Write them in the place of those that are there."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    middle = "\n\n".join([machine(), table(rows), *notes])
    PAGE.write_text(f"{before}{BEGIN}\n\n{middle}\n\n{END}{after}", encoding="utf-8")


def machine() -> str:
    """What it ran on, and beside which versions."""
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    processor = found.group(1) if found else platform.machine()
    python = f"CPython {platform.python_version()}"
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{os.cpu_count()} cores of {processor}, {platform.system()}, {python}; {packages}."


def table(rows: Iterable[Row]) -> str:
    """The rows as a table in Markdown."""
    head = ["| | peer | ours | peer's | ratio | goal | |", "|---|---|---|---|---|---|---|"]
    return "\n".join([*head, *map(line, rows)])


def line(row: Row) -> str:
    """One of them."""
    ours, peer = (f"{number:,.2f} {row.unit}" for number in (row.ours, row.peer))
    cells = [
        row.what,
        row.peer_name,
        ours,
        peer,
        f"{row.ratio:,.1f}",
        "" if row.goal is None else str(row.goal),
    ]
    return f"| {' | '.join([*cells, row.verdict])} |"

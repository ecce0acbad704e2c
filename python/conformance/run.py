"""Run the table with one library in this interpreter: `python -m conformance.run NAME FRAMEWORK`.

Writes one line of JSON: the versions, and of each row what was counted otherwise, by its key.
"""

import importlib.metadata
import json
import logging
import os
import sys
import warnings
from typing import Any, NamedTuple

from conformance.applications import application
from conformance.contestants import ALL, Contestant, Ours
from conformance.exchange import serve
from conformance.judge import differences
from conformance.samples import added
from conformance.table import Row, rows


class Judged(NamedTuple):
    """One row, and what was counted otherwise."""

    row: Row
    differences: list[str]


def run(contestant: type[Contestant], framework: str) -> list[Judged]:
    """Run the rows of a framework; each application serves all of its rows, one after the other."""
    given = rows(framework, importlib.metadata.version(framework))
    judged: dict[Row, list[str]] = {}
    for variant in dict.fromkeys(row.app for row in given):
        with contestant() as library:
            app = application(framework, variant, **library.settings())
            library.instrument(app)
            served = [row for row in given if row.app == variant]
            judged.update({row: _judge(library, app, row) for row in served})
    return [Judged(row, judged[row]) for row in given]


def _judge(library: Contestant, app: Any, row: Row) -> list[str]:
    before = library.samples()
    wire = serve(app, row)
    seen = added(before, library.samples(), library.kinds)
    found = differences(row, wire, seen, strict=isinstance(library, Ours))
    return [*found, *library.contradictions(seen)]


def main() -> None:
    """Run, and tell."""
    name, framework = sys.argv[1:]
    os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"
    warnings.simplefilter("ignore")
    logging.disable()
    if framework == "starlette":
        sys.modules["fastapi"] = None  # type: ignore[assignment]
    library = next(its for its in ALL if its.name == name)
    found = {row.key: differences for row, differences in run(library, framework)}
    print(json.dumps({"versions": _versions(), "differences": found}))


def _versions() -> dict[str, str]:
    packages = {"fastapi", "starlette", *(its.package for its in ALL)}
    return dict(_version(package) for package in sorted(packages))


def _version(package: str) -> tuple[str, str]:
    try:
        return package, importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return package, ""


if __name__ == "__main__":
    main()

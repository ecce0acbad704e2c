"""The page `docs/conformance.md`."""

from collections.abc import Iterator
from pathlib import Path
from string import Template

from conformance.contestants import ALL, Ours
from conformance.environments import OTHERS, OURS, Ran
from conformance.table import SECTIONS, Row

_TEMPLATE = Template(Path(__file__).with_suffix(".md").read_text(encoding="utf-8"))


def page(runs: list[Ran]) -> str:
    """The whole page."""
    ours = [run for run in runs if run.environment in OURS]
    others = [run for run in runs if run.environment in OTHERS]
    beside = [_newest(ours), *others]
    newest = others[0].versions
    filled = _TEMPLATE.substitute(
        fastapi=newest["fastapi"],
        starlette=newest["starlette"],
        versions="".join(map(_version, ours)),
        libraries="".join(_libraries(newest)),
        rows=len(beside[0].differences),
        totals="".join(map(_total, beside)),
        sections="".join(_sections(beside)),
    )
    return filled.rstrip() + "\n"


def _newest(ours: list[Ran]) -> Ran:
    return next(
        run
        for run in ours
        if run.environment.framework == "fastapi" and run.environment.packages is None
    )


def _version(run: Ran) -> str:
    fastapi = run.versions["fastapi"] if run.environment.framework == "fastapi" else "none"
    wrong = {key: said for key, said in run.differences.items() if said}
    said = "; ".join(f"{key}: {', '.join(said)}" for key, said in wrong.items()) or "nothing"
    rows = len(run.differences)
    return _line(fastapi, run.versions["starlette"], str(rows), str(rows - len(wrong)), said)


def _libraries(versions: dict[str, str]) -> Iterator[str]:
    for its in ALL:
        version = "this one" if its is Ours else versions[its.package]
        yield _line(its.name, its.package, version)


def _total(run: Ran) -> str:
    fine = sum(not said for said in run.differences.values())
    return _line(run.environment.library, str(fine))


def _sections(runs: list[Ran]) -> Iterator[str]:
    names = ["what", "request", "expected", *(run.environment.library for run in runs)]
    for title, rows in SECTIONS.items():
        yield f"### {title}\n\n{_line(*names)}{_line(*['---'] * len(names))}"
        for row in rows:
            if "fastapi" in row.frameworks:
                cells = (_cell(run.differences[row.key]) for run in runs)
                yield _line(row.what, f"`{row.request}`", _expected(row), *cells)
        yield "\n"


def _cell(differences: list[str]) -> str:
    return "; ".join(differences) or "✓"


def _expected(row: Row) -> str:
    told = [f"`{row.endpoint}`", str(row.code)]
    if row.method_label != row.method:
        told.append(f"`{row.method_label}`")
    if row.outcome is not None:
        told.append(f"`{row.outcome}`")
    if row.sent is not None:
        told.append(f"{row.sent} B sent")
    if row.received:
        told.append(f"{row.received} B received")
    return ", ".join(told)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"

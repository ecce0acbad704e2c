"""Run the table on all versions and by all peers, and write the page; `--check` compares it."""

import difflib
import sys
from pathlib import Path

from conformance.environments import OTHERS, OURS, ROOT, Ran, run_all
from conformance.page import page

PAGE = ROOT / "docs" / "conformance.md"


def main() -> int:
    """Run; 1 where a row of ours is not as the table says, or where the page is another one."""
    runs = run_all([*OURS, *OTHERS])
    wrong = [line for run in runs if run.environment in OURS for line in _wrong(run)]
    if wrong:
        print(*wrong, sep="\n")
    text = page(runs)
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return bool(wrong)
    return bool(wrong) or _differs(text, PAGE)


def _wrong(run: Ran) -> list[str]:
    where = run.environment.packages or f"newest {run.environment.framework}"
    return [f"{where}: {key}: {'; '.join(said)}" for key, said in run.differences.items() if said]


def _differs(text: str, committed: Path) -> bool:
    before = committed.read_text(encoding="utf-8").splitlines()
    lines = [
        *difflib.unified_diff(before, text.splitlines(), str(committed), "this run", lineterm="")
    ]
    if lines:
        print(*lines, sep="\n")
        print(f"{committed.name} is out of date\n  hint: make conformance")
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())

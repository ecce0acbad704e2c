"""One row per check: what has to hold, whether it does, and what was seen."""

import sys
from collections.abc import Collection
from dataclasses import dataclass, field

_SHOWN = 3


@dataclass
class Report:
    """The rows so far; each is printed as soon as it is known."""

    failed: list[str] = field(default_factory=list)
    passed: int = 0

    def row(self, fact: str, *, holds: bool, evidence: str) -> None:
        """Enter a check."""
        mark = "ok  " if holds else "FAIL"
        print(f"{mark}  {fact:<64}  {evidence}", flush=True)
        if holds:
            self.passed += 1
        else:
            self.failed.append(fact)

    def none_of(self, fact: str, faults: Collection[str], evidence: str) -> None:
        """Enter a check that holds where nothing was found at fault."""
        if not faults:
            self.row(fact, holds=True, evidence=evidence)
            return
        shown = "".join(f"\n        {fault}" for fault in list(faults)[:_SHOWN])
        self.row(fact, holds=False, evidence=f"{len(faults)} at fault, the first:{shown}")

    def conclude(self) -> int:
        """Print the last line; answers the command's exit status."""
        total = self.passed + len(self.failed)
        print(
            f"\n{self.passed} of {total} checks hold",
            file=sys.stderr if self.failed else sys.stdout,
        )
        return 1 if self.failed else 0

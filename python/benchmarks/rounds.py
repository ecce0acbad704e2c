"""Rounds that alternate between contestants, each in a process of its own.

A contestant is a script that gets ready, then does one round for each line it reads and answers
with what it measured. So each has the environment it needs before its first import, and a noisy
machine disturbs all alike. Medians count.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

HERE = Path(__file__).parent


class Contestant:
    """A process that waits for its next round."""

    def __init__(self, script: str, *arguments: str, environment: Mapping[str, str]) -> None:
        """Start it; it gets ready while others start."""
        command = [sys.executable, str(HERE / script), *arguments]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            command, stdin=pipe, stdout=pipe, text=True, env=environment
        )

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._process.communicate()

    def line(self) -> str:
        """The next line it says."""
        if self._process.stdout is None:
            return ""
        answer = self._process.stdout.readline()
        if not answer:
            sys.exit(f"{self._process.args!r} ended without an answer")
        return answer.strip()

    def round(self) -> float:
        """Have it do one round."""
        if self._process.stdin is not None:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        return float(self.line())


def compete(measure: Callable[[], float], *, first: Callable[[], float] | None = None) -> None:
    """Answer each line of the input with one measurement: the contestant's side.

    What is written to the standard output otherwise, such as access lines, goes nowhere.
    """
    with os.fdopen(os.dup(1), "w") as answers, Path(os.devnull).open("w", encoding="utf-8") as null:
        os.dup2(null.fileno(), 1)
        if first is not None:
            print(first(), file=answers, flush=True)
        for _ in sys.stdin:
            print(measure(), file=answers, flush=True)


def medians(contestants: Mapping[str, Contestant], rounds: int) -> dict[str, float]:
    """Alternate the contestants, and take of each the median; a first round only warms up."""
    measured: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds + 1):
        for name, contestant in contestants.items():
            measured[name].append(contestant.round())
    return {name: statistics.median(values[1:]) for name, values in measured.items()}

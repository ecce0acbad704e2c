"""How many instructions a request takes in the core, held to the committed figures.

Where time is too noisy to tell a regression, instructions do: two runs of different length are
counted by callgrind, and their difference is what the requests between them took. `make
instructions` fails where a figure is off by more than three in a hundred, in either direction;
`--write` commits to what is counted now.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FIGURES = Path(__file__).parents[2] / "crates" / "kyros-core" / "benches" / "instructions.tsv"
NAMES = ("request_metrics", "request_line", "request_identity", "request_span")
SHORT, LONG = 1000, 3000
TOLERANCE = 0.03

BUILD = ("cargo", "bench", "--quiet", "-p", "kyros-core", "--bench", "request", "--no-run")


def main() -> None:
    """Count, and compare or write."""
    program = built()
    counted = {name: per_request(program, name) for name in NAMES}
    if "--write" in sys.argv[1:]:
        lines = (f"{name}\t{count}\n" for name, count in counted.items())
        FIGURES.write_text("".join(lines), encoding="utf-8")
        return
    committed = dict(line.split("\t") for line in FIGURES.read_text("utf-8").splitlines())
    verdicts = [compare(name, count, int(committed[name])) for name, count in counted.items()]
    if not all(verdicts):
        print("hint: python python/benchmarks/instructions.py --write, once you know why")
        sys.exit(1)


def built() -> str:
    """The benchmark, built as a release is."""
    environment = {**os.environ, "CARGO_PROFILE_BENCH_STRIP": "none"}
    told = subprocess.run(  # noqa: S603 - our own build
        [*BUILD, "--message-format=json"],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    messages = map(json.loads, told.stdout.splitlines())
    programs = [it["executable"] for it in messages if it.get("executable")]
    return str(programs[-1])


def per_request(program: str, name: str) -> int:
    """Instructions of one request."""
    short, long = (collected(program, name, requests) for requests in (SHORT, LONG))
    return (long - short) // (LONG - SHORT)


def collected(program: str, name: str, requests: int) -> int:
    """Instructions of a whole run."""
    with tempfile.TemporaryDirectory() as folder:
        out = f"--callgrind-out-file={folder}/out"
        told = subprocess.run(  # noqa: S603 - our own benchmark
            ["valgrind", "--tool=callgrind", out, program, name, str(requests)],  # noqa: S607
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    found = re.search(r"Collected : (\d+)", told.stderr)
    if told.returncode != 0 or found is None:
        sys.exit(f"callgrind has counted nothing of `{name}`:\n{told.stderr}")
    return int(found.group(1))


def compare(name: str, count: int, committed: int) -> bool:
    """Say how a figure compares; whether it is near enough."""
    near = abs(count - committed) <= TOLERANCE * committed
    verdict = "" if near else "  OFF"
    print(f"{name:20}{count:8,} instructions, committed {committed:8,}{verdict}")
    return near


if __name__ == "__main__":
    main()

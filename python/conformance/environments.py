"""The versions that the table is run on, each in an interpreter of its own."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from conformance.contestants import PEERS, Ours

ROOT = Path(__file__).parents[2]

#: Where `make` puts the packages that an environment has instead of those of `.venv`.
PACKAGES = ROOT / ".venv-conformance"


class Environment(NamedTuple):
    """A library, a framework, and the packages that come before those of this interpreter."""

    library: str
    framework: str
    packages: str | None = None


class Ran(NamedTuple):
    """What one run of the table has told."""

    environment: Environment
    versions: dict[str, str]
    differences: dict[str, list[str]]


def _versions(framework: str) -> list[Environment]:
    """One for each file of `requirements/`, and the newest, which is in this interpreter."""
    files = sorted((Path(__file__).parent / "requirements").glob(f"{framework}-*.txt"))
    named = [Environment(Ours.name, framework, file.stem) for file in files]
    return [*named, Environment(Ours.name, framework)]


OURS = [*_versions("fastapi"), *_versions("starlette")]
OTHERS = [Environment(peer.name, "fastapi", "peers") for peer in PEERS]


def run_all(environments: list[Environment]) -> list[Ran]:
    """Run the table in each of them, a few at a time."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(_run, environments))


def _run(environment: Environment) -> Ran:
    path = [str(ROOT / "python")]
    if environment.packages is not None:
        packages = PACKAGES / environment.packages
        if not packages.is_dir():
            sys.exit(f"no packages in {packages}\n  hint: make conformance")
        path.insert(0, str(packages))
    command = [sys.executable, "-m", "conformance.run", environment.library, environment.framework]
    told = subprocess.run(  # noqa: S603 - our own module
        command,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return Ran(environment, **json.loads(told.stdout))

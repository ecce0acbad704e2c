"""The examples of the README and of the docstrings run as they stand."""

import ast
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PACKAGE = _ROOT / "python" / "kyros_obs"
_FENCED = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"\n\n((?: {4,}.*\n|\n)+)")

#: What an example takes for granted: an application, somebody who is signed in, a database and a
#: cache.
_GIVEN = """
import kyros_obs
from dash import Dash, Input, Output
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine
engine, redis = create_engine("sqlite://"), {}
url = "postgresql+psycopg://nobody@localhost/nothing"
tenant, token, password = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10", "t0ken-1", "passw0rd-1"
claims = {"tenant_id": tenant, "sub": "f8d1a1b2-1111-4222-8333-944445555666", "email": None}
api = kyros_obs.instrument(FastAPI())
api.get("/api/me")(lambda: kyros_obs.bind(tenant_id=tenant))
client = TestClient(api)
app = Dash("app")
"""


def examples() -> Iterator[tuple[str, str]]:
    """Each block of code with the place that it stands at."""
    for page in [_ROOT / "README.md", _ROOT / "docs" / "metrics.md"]:
        for number, block in enumerate(_FENCED.findall(page.read_text(encoding="utf-8"))):
            yield f"{page.stem}-{number}", block
    for file in sorted(_PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
                for block in _INDENTED.findall(f"{ast.get_docstring(node) or ''}\n"):
                    if "kyros_obs" in block:
                        yield f"{file.stem}.{getattr(node, 'name', '')}", textwrap.dedent(block)


EXAMPLES = dict(examples())


def test_there_are_examples() -> None:
    """The README has both quick starts, and the public modules have theirs."""
    assert len([name for name in EXAMPLES if name.startswith("README")]) >= 3
    assert {"metrics.", "observe.observe", "testing."} <= EXAMPLES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, tmp_path: Path) -> None:
    """An example runs to its end."""
    script = tmp_path / "example.py"
    script.write_text(f"{_GIVEN}\n{EXAMPLES[name]}", encoding="utf-8")
    environment = {
        **os.environ,
        "KYROS_OBS_SERVICE": "example",
        "PYTHONPATH": str(_ROOT / "python"),
    }
    done = subprocess.run(  # noqa: S603 - our own examples
        [sys.executable, str(script)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

"""`import kyros_obs` is free of effects, as the kernel sees them: those of native code too."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

#: What an import system reads, and the loader with it; directories are listed by both.
IMPORTED = re.compile(r"\.(py|pyc|so)(\.\d+)*$|/ld\.so\.cache$|\.dist-info/[\w.]+$|/pyvenv\.cfg$")
#: Calls that make a process or thread, or reach another.
FORBIDDEN = re.compile(r"^(clone3?|v?fork|execve|socket|connect|bind|sendto|kill)\(")
#: Calls that change a directory or a file by its name.
CHANGES = re.compile(
    r"^(mkdir|rename|unlink|rmdir|symlink|link|truncate|chmod|chown|mknod|utime|creat)\w*\("
)
OPENED = re.compile(r'^open(?:at2?)?\((?:[^"]*)"(?P<path>[^"]*)", (?P<flags>.*)\) += ')
WRITES = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC")

SCRIPT = """
import os, sys
os.path.exists("/kyros-begins")
import kyros_obs
BODY
os.path.exists("/kyros-ends")
"""


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A directory with what a careless import would read, and nothing it may write."""
    (tmp_path / "kyros-obs.toml").write_text("nonsense", encoding="utf-8")
    tmp_path.chmod(0o555)
    return tmp_path


def effects(where: Path, body: str = "") -> list[str]:
    """The system calls between the marks that do more than import modules."""
    strace = shutil.which("strace")
    assert strace is not None, "no `strace`, hint: apt-get install strace"
    script = SCRIPT.replace("BODY", body)
    trace = [strace, "-f", "-qq", "-s", "4096", "-e", "trace=%file,%process,%network,kill"]
    environment = {"PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(  # noqa: S603 - our own script
        [*trace, "--", sys.executable, "-c", script],
        cwd=where,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    calls = [re.sub(r"^\[pid +\d+\] ", "", call) for call in done.stderr.splitlines()]
    begin, end = (at_mark(calls, mark) for mark in ("/kyros-begins", "/kyros-ends"))
    return [call for call in calls[begin:end] if is_effect(call)]


def at_mark(calls: list[str], mark: str) -> int:
    """Where a call names the mark."""
    (at,) = (at for at, call in enumerate(calls) if f'"{mark}"' in call)
    return at


def is_effect(call: str) -> bool:
    """Whether a call makes a thread or process, changes a file, or opens what is no module."""
    if FORBIDDEN.match(call) or CHANGES.match(call):
        return True
    opened = OPENED.match(call)
    if opened is None:
        return False
    flags = opened["flags"]
    read_only = not any(flag in flags for flag in WRITES)
    return not (read_only and ("O_DIRECTORY" in flags or IMPORTED.search(opened["path"])))


def test_import(empty: Path) -> None:
    """It starts no thread or process, opens no file but modules, and reaches nobody."""
    assert effects(empty) == []


AUDIT = (
    "kyros_obs.configure(service='a', env='t', spool_dir='SPOOL', "
    "audit_dsn='postgres://127.0.0.1:1/a'); kyros_obs.audit('x')"
)


@pytest.mark.parametrize(
    ("body", "call"),
    [
        ("open('/etc/hostname').close()", "openat"),
        ("os.fork() or os._exit(0)", "clone|v?fork"),
        ("import threading; threading.Thread(target=print).start()", "clone"),
        ("import socket; socket.socket()", "socket"),
        ("os.mkdir('SPOOL')", "mkdir"),
        (AUDIT, "mkdir"),
        (AUDIT, "openat.*O_CREAT"),
        (AUDIT, "clone"),
    ],
)
def test_effects_are_seen(tmp_path: Path, body: str, call: str) -> None:
    """The judge sees them, those of native code too."""
    seen = effects(tmp_path, body.replace("SPOOL", str(tmp_path / "spool")))
    assert any(re.match(call, one) for one in seen), seen


STATE = """
import logging, os, sys, threading
files = len(os.listdir("/proc/self/fd"))
import kyros_obs
assert len(os.listdir("/proc/self/fd")) == files, "open files"
assert len(os.listdir("/proc/self/task")) == 1, "native threads"
assert threading.active_count() == 1, threading.enumerate()
optional = {"fastapi", "starlette", "dash", "flask", "jwt", "cryptography", "httpx", "requests"}
frameworks = (optional | {"sqlalchemy", "uvicorn", "gunicorn"}) & set(sys.modules)
assert not frameworks, frameworks
assert logging.getLogger().handlers == []
assert sys.excepthook is sys.__excepthook__
"""


def test_state_after_import() -> None:
    """It leaves no open file or thread behind, imports no framework and hooks nothing."""
    subprocess.run([sys.executable, "-c", STATE], check=True)  # noqa: S603 - our own script

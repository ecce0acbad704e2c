"""Which process started the workers that this one is one of.

Only what a server says of itself counts. That two processes have one parent, such as a shell or
systemd, says nothing: they may be two services.
"""

import os
import sys
from pathlib import Path
from types import ModuleType

#: What `multiprocessing` is called where others bring their own: Dash's DiskCache, Celery.
_SPAWNERS = ("multiprocessing.process", "multiprocess.process", "billiard.process")
_ARBITER = "gunicorn.arbiter"
#: The arbiter that has executed itself anew, in the environment of the new one.
_REPLACED_ARBITER = "GUNICORN_PID"


def supervisor() -> int | None:
    """The process whose children share their metrics with this one, where it has such a parent.

    That is the parent which started this process through `multiprocessing`, as uvicorn, granian,
    hypercorn and Celery do, or gunicorn's arbiter.
    """
    return _spawner() or _arbiter()


def _spawner() -> int | None:
    parents = (_parent(sys.modules.get(name)) for name in _SPAWNERS)
    return next((parent for parent in parents if parent is not None), None)


def _parent(spawner: ModuleType | None) -> int | None:
    """The process that has started this one, if it has done so through that module."""
    parent_process = getattr(spawner, "parent_process", None)
    current_process = getattr(spawner, "current_process", None)
    parent = None
    if parent_process is not None:
        parent = getattr(parent_process(), "pid", None)
    elif current_process is not None:
        # Celery's has no function that tells.
        parent = getattr(current_process(), "_parent_pid", None)
    return parent if isinstance(parent, int) else None


def _arbiter() -> int | None:
    """The arbiter, if this process is a worker: it runs what the arbiter runs."""
    parent = os.getppid()
    if _ARBITER not in sys.modules or os.environ.get(_REPLACED_ARBITER) == str(parent):
        return None
    ours, theirs = _command(os.getpid()), _command(parent)
    is_arbiter = theirs.startswith(b"gunicorn: master") or (theirs != b"" and theirs == ours)
    return parent if is_arbiter else None


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""

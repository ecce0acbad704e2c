"""`import kyros_obs` is free of effects."""

import subprocess
import sys

SCRIPT = """
import sys, threading
seen = []
WATCHED = ("os.mkdir", "os.rename", "socket.connect", "os.fork", "_thread.start_new_thread")
IMPORTED = (".py", ".pyc", ".so", ".pyi")
def watch(event, arguments):
    if event == "open" and not str(arguments[0]).endswith(IMPORTED) or event in WATCHED:
        seen.append((event, arguments))
sys.addaudithook(watch)
sys.dont_write_bytecode = True
import kyros_obs
assert not seen, seen
assert threading.active_count() == 1, threading.enumerate()
import os
assert len(os.listdir("/proc/self/task")) == 1, "native threads"
frameworks = {"fastapi", "starlette", "dash", "flask"} & set(sys.modules)
assert not frameworks, frameworks
import logging
assert logging.getLogger().handlers == []
assert sys.excepthook is sys.__excepthook__
"""


def test_import() -> None:
    """It starts no thread, touches no file, imports no framework and hooks nothing."""
    subprocess.run([sys.executable, "-c", SCRIPT], check=True)  # noqa: S603 - our own script

"""`import kyros_obs` is free of effects."""

import subprocess
import sys

SCRIPT = """
import sys, threading
seen = []
WATCHED = ("open", "os.mkdir", "os.rename", "socket.connect", "subprocess.Popen", "_thread.start_new_thread")
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)) and "w" in str(arguments[1]):
        seen.append((event, arguments[0]))
    elif event in WATCHED and event != "open":
        seen.append((event, arguments))
sys.addaudithook(watch)
sys.dont_write_bytecode = True
import kyros_obs
assert threading.active_count() == 1, threading.enumerate()
with open("/proc/self/task/%d/comm" % threading.get_native_id()): pass
import os
assert len(os.listdir("/proc/self/task")) == 1, "native threads"
frameworks = {"fastapi", "starlette", "dash", "flask"} & set(sys.modules)
assert not frameworks, frameworks
assert not seen, seen
import logging
assert logging.getLogger().handlers == []
assert sys.excepthook is sys.__excepthook__
"""


def test_import() -> None:
    """It starts no thread, touches no file, imports no framework and hooks nothing."""
    subprocess.run([sys.executable, "-c", SCRIPT], check=True)  # noqa: S603 - our own script

"""The kernel tells who serves, and since when."""

import os
import signal
import socket
import sys
import time
from pathlib import Path

from examples.platform.launch.ports import HOST, free_port, listens
from examples.platform.launch.processes import Processes, wait_until
from examples.platform.launch.services import Service
from examples.platform.verify.worker_processes import serving, spool_home, started, workers

# A supervisor whose two children share its port; the second alone takes connections.
_SERVER = """
import os, socket, sys, time
port, home = int(sys.argv[1]), sys.argv[2]
listener = socket.create_server(("127.0.0.1", port))
if os.fork() == 0:
    time.sleep(600)
if os.fork() == 0:
    lock = open(home + "/lock", "w")
    taken = []
    while True:
        taken.append(listener.accept())
        taken[-1][0].send(b"x")
time.sleep(600)
"""


def test_a_connection_leads_to_the_worker_that_has_taken_it(tmp_path: Path) -> None:
    """And to the place of its audit events, which are held open."""
    home = tmp_path / "spool" / "home"
    home.mkdir(parents=True)
    begun = time.time()
    with Processes(tmp_path) as processes:
        port = free_port()
        child = processes.start("server", [sys.executable, "-c", _SERVER, str(port), home])
        wait_until(processes, "the server answers", lambda: listens(port))
        pid = child.process.pid
        service = Service("server", port, pid, child.stdout, child.stderr, home.parent)
        wait_until(processes, "both children listen", lambda: len(workers(service)) == 2)
        with socket.create_connection((HOST, port)) as connection:
            assert connection.recv(1) == b"x"
            taken = serving(service)[connection.getsockname()[1]]
        assert taken in workers(service)
        homes = {worker: spool_home(service, worker) for worker in workers(service)}
        assert homes[taken] == home.resolve()
        assert list(homes.values()).count(None) == 1
        assert abs(started(taken) - begun) < 60
        for worker in workers(service):
            os.kill(worker, signal.SIGKILL)

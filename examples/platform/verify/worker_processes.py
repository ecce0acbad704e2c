"""The worker processes of a service, as the kernel knows them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from examples.platform.launch.services import Service

_PROC = Path("/proc")
_LISTENS = "0A"
#: The fields of a connection in `/proc/net/tcp`, and of a process in `/proc/PID/stat`.
_LOCAL, _REMOTE, _STATE, _INODE = 1, 2, 3, 9
_STARTED = 21


class _Connection(NamedTuple):
    """An end of a connection on this machine."""

    local: int
    remote: int
    state: str
    socket: str


def workers(service: Service) -> list[int]:
    """The processes that a service's supervisor has started and that listen on its port."""
    listening = {
        one.socket for one in _connections() if one.local == service.port and one.state == _LISTENS
    }
    return [pid for pid in _children(service.supervisor) if _open_files(pid) & listening]


def serving(service: Service) -> dict[int, int]:
    """Which worker has which of this process' connections, these by their port."""
    ours = _open_files(os.getpid())
    connections = list(_connections())
    ports = {one.local for one in connections if one.remote == service.port and one.socket in ours}
    ends = {
        one.socket: one.remote
        for one in connections
        if one.local == service.port and one.remote in ports
    }
    files = {pid: _open_files(pid) for pid in workers(service)}
    return {ends[file]: pid for pid, held in files.items() for file in held & ends.keys()}


def spool_home(service: Service, pid: int) -> Path | None:
    """The directory with a worker's audit events; there is none before its first event."""
    spool = service.spool.resolve()
    homes = {Path(file).parent for file in _open_files(pid)}
    return next((home for home in homes if home.parent == spool), None)


def started(pid: int) -> float:
    """When a process was started, in seconds since the Unix epoch."""
    stat = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    # The process' name, which may hold anything, and the number in front of it are cut off.
    ticks = int(stat[_STARTED - 2])
    boot = next(
        line for line in (_PROC / "stat").read_text().splitlines() if line.startswith("btime")
    )
    return int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    return [int(child) for child in (_PROC / f"{pid}/task/{pid}/children").read_text().split()]


def _open_files(pid: int) -> set[str]:
    return set(_links(_PROC / str(pid) / "fd"))


def _links(directory: Path) -> Iterator[str]:
    try:
        entries = list(directory.iterdir())
    except OSError:
        return
    for entry in entries:
        try:
            yield str(entry.readlink())
        except OSError:
            continue


def _connections() -> Iterator[_Connection]:
    for line in (_PROC / "net" / "tcp").read_text().splitlines()[1:]:
        fields = line.split()
        local, remote = (int(fields[at].rpartition(":")[2], 16) for at in (_LOCAL, _REMOTE))
        yield _Connection(local, remote, fields[_STATE], f"socket:[{fields[_INODE]}]")

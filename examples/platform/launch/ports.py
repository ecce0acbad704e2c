"""Ports of the loopback interface."""

import socket

HOST = "127.0.0.1"


def free_port(preferred: int = 0) -> int:
    """The preferred port where nobody listens on it, else one that the kernel chooses."""
    try:
        return _bound(preferred)
    except OSError:
        return _bound(0)


def listens(port: int) -> bool:
    """Whether somebody answers on a port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


def _bound(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        return int(probe.getsockname()[1])

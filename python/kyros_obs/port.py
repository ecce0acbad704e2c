"""A port: taken alone, waited on, and asked who has it."""

import select
import socket
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from typing import TypeAlias

from kyros_obs._vocabulary import METHOD_HEAD, PROBE_HEALTHZ
from kyros_obs.conversation import SERVICE_HEADER

#: Host, without brackets, and number.
Address: TypeAlias = tuple[str, int]

#: Seconds for each step of asking.
_PATIENCE = 1.0


def listen(address: Address) -> socket.socket:
    """A socket that has the port alone. `[::]` takes IPv4, too."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    both = address[0] == "::" and socket.has_dualstack_ipv6()
    listening = socket.create_server(address, family=family, backlog=128, dualstack_ipv6=both)
    listening.settimeout(0)
    return listening


def is_ready_within(listening: socket.socket, seconds: float) -> bool:
    """Whether a client comes in time. Unlike epoll, poll shares nothing with a child."""
    number = listening.fileno()
    ready = select.poll()
    if number < 0:
        return False
    ready.register(number, select.POLLIN)
    return bool(ready.poll(seconds * 1000))


def service_at(address: Address) -> str | None:
    """The service that whoever listens there says it is."""
    connection = HTTPConnection(*address, timeout=_PATIENCE)
    try:
        connection.request(METHOD_HEAD, PROBE_HEALTHZ)
        return connection.getresponse().getheader(SERVICE_HEADER)
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def shut(connection: socket.socket) -> None:
    """Tell the client at once, though a child of a `fork` may have the connection open."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)

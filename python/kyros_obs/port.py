"""A port: taken alone, waited on, and asked who has it."""

import select
import socket
from contextlib import suppress
from time import monotonic
from typing import TypeAlias

from kyros_obs import head
from kyros_obs._vocabulary import METHOD_HEAD, PROBE_HEALTHZ
from kyros_obs.conversation import SERVICE_HEADER

#: Host, without brackets, and number.
Address: TypeAlias = tuple[str, int]

#: Seconds to reach the holder of a port, and as many for its answer.
_PATIENCE = 1.0
_QUESTION = f"{METHOD_HEAD} {PROBE_HEALTHZ} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode()


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
    with suppress(OSError), socket.create_connection(address, _PATIENCE) as connection:
        connection.sendall(_QUESTION)
        text = head.read(connection, monotonic() + _PATIENCE)
        parsed = head.parse(text) if text is not None else None
        return parsed[1].get(SERVICE_HEADER) if parsed is not None else None
    return None


def shut(connection: socket.socket) -> None:
    """Tell the client at once, though a child of a `fork` may have the connection open."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)

"""The head of an HTTP/1 message: read within bounds, taken apart."""

import re
import socket
from time import monotonic

from kyros_obs.endpoints import folded

#: The most bytes of one.
_LONGEST = 16 * 1024

#: What ends one.
END = b"\r\n\r\n"
_FIELD = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n\0]*?)[ \t]*")


def read(connection: socket.socket, end: float) -> bytes | None:
    """A head without what ends it; None where it is too long.

    Raises:
        OSError: The other side went away, or it was not all there at that time.
    """
    head = b""
    while END not in head:
        if len(head) > _LONGEST:
            return None
        connection.settimeout(left(end))
        chunk = connection.recv(4096)
        if not chunk:
            raise ConnectionResetError
        head += chunk
    return head.partition(END)[0]


def left(end: float) -> float:
    """The seconds until then.

    Raises:
        TimeoutError: There are none.
    """
    seconds = end - monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def parse(head: bytes) -> tuple[str, dict[str, str]] | None:
    """The first line and the headers; None where a line is no header, so that none is missed."""
    first, *others = head.decode("latin-1").split("\r\n")
    fields = [_FIELD.fullmatch(other) for other in others]
    if None in fields:
        return None
    return first, folded((field[1], field[2]) for field in fields if field is not None)

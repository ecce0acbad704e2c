"""The body of a WSGI request, counted as its application reads it."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from kyros_obs._guard import Guard
from kyros_obs._native import Request

_guard = Guard("wsgi")


def _of_all(lines: list[bytes]) -> int:
    return sum(map(len, lines))


#: What reads, and how many bytes its result stands for.
_READS: Final[dict[str, Callable[[Any], int]]] = {
    "read": len,
    "read1": len,
    "readline": len,
    "readlines": _of_all,
    "readinto": int,
    "readinto1": int,
}


class CountedInput:
    """A `wsgi.input` that does what the server's does, and counts."""

    def __init__(self, stream: Any, request: Request) -> None:  # noqa: ANN401 - the server's own
        """Wrap it."""
        self._stream = stream
        self._request = request

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the stream's own
        """Whatever the stream has; counting, if it reads."""
        found, size = getattr(self._stream, name), _READS.get(name)
        if size is None:
            return found

        def read(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - the stream's own
            taken = found(*given, **named)
            with _guard:
                # A stream that doesn't block has None where nothing is there yet.
                self._request.read(size(taken) if taken is not None else 0)
            return taken

        return read

    def __iter__(self) -> Iterator[bytes]:
        """The lines."""
        for line in self._stream:
            with _guard:
                self._request.read(len(line))
            yield line

"""A gate in front of a service, through which its users' requests go."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Lets everybody through until it is shut."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open = True
        self._under_way = 0

    @contextmanager
    def passage(self) -> Iterator[None]:
        """The time of one request; waits while the gate is shut."""
        with self._changed:
            self._changed.wait_for(lambda: self._open)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    @contextmanager
    def shut(self) -> Iterator[None]:
        """A time in which nobody is let through; begins when whoever was under way is answered."""
        with self._changed:
            self._open = False
            self._changed.wait_for(lambda: self._under_way == 0)
        try:
            yield
        finally:
            with self._changed:
                self._open = True
                self._changed.notify_all()

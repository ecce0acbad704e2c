"""A port of its own for `/metrics` and `/healthz`: one process of a service holds it.

The others try each second, so that one of them takes over when the holder dies. The kernel lets
one process alone listen, so that no two can answer in turn. Who else has the port is asked for its
service: a sibling is as it should be, a stranger is a failure.
"""

import errno
import os
import signal
import socket
import threading
from contextlib import suppress
from time import monotonic

from kyros_obs._guard import Guard
from kyros_obs._native import Runtime
from kyros_obs._vocabulary import SETTING_METRICS_LISTEN
from kyros_obs.conversation import converse, named
from kyros_obs.port import is_ready_within, listen, service_at, shut

_COMPONENT = "listener"
#: Seconds between two tries to get the port.
_AGAIN = 1.0
#: Tries in a row that find no sibling before that is called a failure: one may be just starting.
_DOUBTS = 3
#: Tries before a sibling is asked once more whether it is there.
_TRUST = 30
#: Connections at a time; more wait in the kernel's queue.
_MOST = 8
#: What says that the application has closed the descriptor, as those do that become daemons. Its
#: number is another's then, and nothing to close.
_LOST = (errno.EBADF, errno.ENOTSOCK, errno.EINVAL)
#: Seconds that closing waits for answers on their way, before and after it hangs up on them.
_GRACE = 1.0

_guard = Guard(_COMPONENT)

#: Held while a socket of ours is made or closed, and across each `fork`, so that a child knows all
#: that it has inherited.
_forking = threading.RLock()
_running: set["Listener"] = set()
_hooked = False


class Listener:
    """Holds the port of one runtime, or waits for it, on a daemon thread."""

    def __init__(self, runtime: Runtime, place: str) -> None:
        """Serve a runtime at an address and port, as the setting has them."""
        host, _, port = place.rpartition(":")
        self._runtime = runtime
        self._place = place
        self._address = (host.strip("[]"), int(port))
        self._renew()

    @classmethod
    def of(cls, runtime: Runtime) -> "Listener | None":
        """That of the setting, if there is one."""
        place = runtime.setting(SETTING_METRICS_LISTEN)
        return cls(runtime, place) if place else None

    def start(self) -> None:
        """Begin to try for the port."""
        with _guard:
            _follow_forks()
            with _forking:
                _running.add(self)
            self._start()

    def close(self) -> None:
        """Let go of the port at once, and of the clients when they have their answers."""
        with _forking:
            _running.discard(self)
            self._stopped.set()
            if self._listening is not None:
                # Closing alone would not wake the thread that waits for clients, nor free the port.
                shut(self._listening)
            self._let_go()
        if not self._is_idle_within(_GRACE):
            with _forking:
                for connection in self._connections:
                    shut(connection)
            self._is_idle_within(_GRACE)

    def become_candidate(self) -> None:
        """In a child: give up what belongs to the parent, and try for the port oneself."""
        self._let_go()
        for connection in self._connections:
            connection.close()
        self._renew()
        self._start()

    def _renew(self) -> None:
        self._listening: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._slots = threading.BoundedSemaphore(_MOST)
        self._stopped = threading.Event()
        self._doubts = 0
        self._trust = 0

    def _start(self) -> None:
        threading.Thread(target=self._run, name="kyros-obs-listener", daemon=True).start()

    def _run(self) -> None:
        # Signals are for the threads of the application.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while not self._stopped.is_set():
            with _guard:
                self._try()
            self._stopped.wait(_AGAIN)

    def _try(self) -> None:
        try:
            listening = self._hold()
        except OSError as error:
            self._look_at_holder(error)
        else:
            while listening is not None and not self._stopped.is_set():
                self._serve(listening)

    def _hold(self) -> socket.socket | None:
        """The socket that listens; None when this is closed."""
        with _forking:
            if self._listening is None and not self._stopped.is_set():
                self._listening = listen(self._address)
                self._doubts = self._trust = 0
            return self._listening

    def _serve(self, listening: socket.socket) -> None:
        """Wait for a client, and have a thread answer it."""
        client = self._accept(listening)
        if client is None:
            return
        self._slots.acquire()
        try:
            threading.Thread(target=self._answer, args=client, daemon=True).start()
        except RuntimeError:
            self._hang_up(client[0])
            raise

    def _accept(self, listening: socket.socket) -> tuple[socket.socket, str] | None:
        if not is_ready_within(listening, _AGAIN):
            return None
        with _forking:
            if self._stopped.is_set():
                return None
            try:
                connection, peer = listening.accept()
            except (BlockingIOError, ConnectionError):
                return None
            except OSError as error:
                if error.errno in _LOST:
                    listening.detach()
                    self._listening = None
                raise
            self._connections.add(connection)
            return connection, peer[0]

    def _answer(self, connection: socket.socket, peer: str) -> None:
        try:
            with _guard, suppress(OSError):
                converse(self._runtime, connection, peer)
        finally:
            self._hang_up(connection)

    def _hang_up(self, connection: socket.socket) -> None:
        with _forking, suppress(OSError):  # the application may have closed it
            self._connections.discard(connection)
            shut(connection)
            connection.close()
        self._slots.release()

    def _let_go(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    def _is_idle_within(self, seconds: float) -> bool:
        """Whether all conversations end in time: then all slots can be had."""
        end = monotonic() + seconds
        taken = [self._slots.acquire(timeout=max(0, end - monotonic())) for _ in range(_MOST)]
        for _ in range(taken.count(True)):
            self._slots.release()
        return all(taken)

    def _look_at_holder(self, error: OSError) -> None:
        """Count a failure once it is clear that no sibling has the port."""
        if error.errno == errno.EADDRINUSE and self._is_with_sibling():
            self._doubts = 0
            return
        self._doubts += 1
        if self._doubts == _DOUBTS:
            reason = os.strerror(error.errno or 0)
            hint = f"give each service a port of its own in `{SETTING_METRICS_LISTEN}`"
            self._runtime.failed(
                _COMPONENT, f"can't listen on {self._place}: {reason}, hint: {hint}"
            )

    def _is_with_sibling(self) -> bool:
        if self._trust > 0:
            self._trust -= 1
            return True
        if service_at(self._address) != named(self._runtime):
            return False
        self._trust = _TRUST
        return True


def _follow_forks() -> None:
    """Registered with the first listener, not at import."""
    global _hooked  # noqa: PLW0603 - this is the one place that may
    if not _hooked:
        _hooked = True
        os.register_at_fork(
            before=_before_fork,
            after_in_parent=_after_fork_in_parent,
            after_in_child=_after_fork_in_child,
        )


def _before_fork() -> None:
    _forking.acquire()


def _after_fork_in_parent() -> None:
    _forking.release()


def _after_fork_in_child() -> None:
    global _forking  # noqa: PLW0603 - the parent's is held, by a thread that is not here perhaps
    _forking = threading.RLock()
    for listener in tuple(_running):
        with Guard("fork"):
            listener.become_candidate()

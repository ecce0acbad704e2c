"""Plays steps at a pace, several at a time."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from examples.platform.traffic.ledger import Ledger
from examples.platform.traffic.scenarios import Step

_USERS_AT_ONCE = 6


class Driver:
    """Plays rounds of steps until told to stop; what breaks a step is entered as a surprise."""

    def __init__(self, ledger: Ledger, steps_per_second: float) -> None:
        self._ledger = ledger
        self._pause = 1 / steps_per_second
        self._stop = threading.Event()

    def stop(self) -> None:
        """End after the steps that have begun."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    def play(self, compose: Callable[[], Iterable[Step]], until: Callable[[], bool]) -> None:
        """Play round after round; `until` is asked between steps."""
        with ThreadPoolExecutor(_USERS_AT_ONCE) as pool:
            while not self._ended(until):
                self._round(pool, compose(), until)

    def _round(
        self, pool: ThreadPoolExecutor, steps: Iterable[Step], until: Callable[[], bool]
    ) -> None:
        running: list[Future[object]] = []
        for step in steps:
            if self._ended(until):
                break
            running.append(pool.submit(self._take, step))
            time.sleep(self._pause)
        for step_taken in running:
            step_taken.result()

    def _ended(self, until: Callable[[], bool]) -> bool:
        return self.stopped or until()

    def _take(self, step: Step) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 — a surprise must not end the traffic
            self._ledger.surprise(f"a step failed: {error!r}")


def after(seconds: float) -> Callable[[], bool]:
    """True once so many seconds have passed from now."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end

"""What one run of a Dash callback costs with us and with peers, beside each other within one run.

Dispatches in this process, no sockets, for the backends Flask and FastAPI: microseconds of CPU of
the whole process. A dispatch takes fifty times what is looked for, so that a process alone differs
from the next one by as much: each contestant has the application twice in its own, without what is
measured and with it, runs them in turn and tells the difference. Run by `make bench`, through
`table.py`.
"""

from __future__ import annotations

import functools
import gc
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from request_cost import receiver
from rounds import Contestant, compete, medians

if TYPE_CHECKING:
    import dash
    from callback_servers import Function, Server

BATCH = 250
#: Batches of a round, of which the best counts: what disturbs one only ever makes it dearer.
BATCHES = 3
ROUNDS = 8

BACKENDS = ("Flask", "FastAPI")
#: Of ours, less the same with its server observed alone; the last is less nothing at all.
METRICS, SPAN, WHOLE = "metrics", "span", "whole"
OURS = (METRICS, SPAN, WHOLE)
SPANNED = (SPAN, WHOLE)
HAND, PROMETHEUS = "a wrapper by hand", "dash-prometheus"
ALL = (*OURS, HAND, PROMETHEUS)

#: Spans are sent this soon, in milliseconds: in one message for a batch, which waits for that.
DELAY = 100
SPANS = {"OTEL_BSP_MAX_QUEUE_SIZE": "65536", "OTEL_BSP_SCHEDULE_DELAY": str(DELAY)}

#: What is exchanged for all applications of a process; whoever is without has Dash's own.
INVOCATIONS = ("_invoke_callback", "_async_invoke_callback")


class Side:
    """One of the two applications, with Dash as it was when that was made."""

    def __init__(self, server: Server, pause: float) -> None:
        """Remember Dash; a batch waits that many seconds for its spans."""
        from dash import _callback  # noqa: PLC0415 - one of the peers has to be there before it

        self._dash = _callback
        self._invocations = {name: getattr(_callback, name) for name in INVOCATIONS}
        self._pause = pause
        self.server = server

    def batch(self) -> float:
        """Run a callback many times; microseconds of CPU per run, those of threads included."""
        vars(self._dash).update(self._invocations)
        start = time.process_time()
        self.server.dispatch(BATCH)
        time.sleep(self._pause)
        return (time.process_time() - start) / BATCH * 1e6


def ours(app: dash.Dash, what: str, *, of_callback: bool) -> None:
    """Instrument with kyros-obs: the application, or only its server, or that not even."""
    import kyros_obs  # noqa: PLC0415 - a contestant imports what it measures

    kyros_obs.configure(
        service="bench",
        env="bench",
        logs="false" if what == METRICS else "true",
        spool_dir=tempfile.mkdtemp(),
        pii_key="a key for nothing but benchmarks",
    )
    if of_callback:
        kyros_obs.instrument(app)
    elif what != WHOLE:
        kyros_obs.instrument(app.server)


def by_hand(function: Function) -> Function:
    """Count and time a callback as one would by hand."""
    from dash.exceptions import PreventUpdate  # noqa: PLC0415 - see below
    from prometheus_client import Counter, Histogram  # noqa: PLC0415 - the contestant's own

    runs = Counter("callbacks", "Runs", ["app", "callback", "outcome"])
    durations = Histogram("callback_duration_seconds", "Their time", ["app", "callback"])
    name = function.__name__

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the function's own
        begun, outcome = time.perf_counter(), "ok"
        try:
            return function(*args, **kwargs)
        except PreventUpdate:
            outcome = "prevent_update"
            raise
        except Exception:
            outcome = "error"
            raise
        finally:
            runs.labels("bench", name, outcome).inc()
            durations.labels("bench", name).observe(time.perf_counter() - begun)

    return run


def sides(backend: str, which: str) -> tuple[Side, Side]:
    """The application without and with what is measured."""
    if which == PROMETHEUS:
        import dash_prometheus  # type: ignore[import-not-found]  # noqa: F401, PLC0415 - has to come before Dash
    from callback_servers import application, served  # noqa: PLC0415 - imports Dash

    plain = application(backend)
    if which in OURS:
        ours(plain, which, of_callback=False)
    pause = 2 * DELAY / 1000 if which in SPANNED else 0
    without = Side(served(plain), pause)
    observers: Mapping[str, Function] = {HAND: by_hand, PROMETHEUS: lambda function: function}
    app = application(backend, observers.get(which))
    if which in OURS:
        ours(app, which, of_callback=True)
    return without, Side(served(app), pause)


def measure() -> dict[tuple[str, str], float]:
    """The medians of what is added, in microseconds, by backend and contestant."""
    with ExitStack() as stack, receiver() as endpoint:

        def start(backend: str, which: str) -> Contestant:
            directory = stack.enter_context(tempfile.TemporaryDirectory())
            environment = {**os.environ, **SPANS, "PROMETHEUS_MULTIPROC_DIR": directory}
            if which != PROMETHEUS:
                del environment["PROMETHEUS_MULTIPROC_DIR"]
            if which in SPANNED:
                environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint
            return stack.enter_context(
                Contestant("callback_cost.py", backend, which, environment=environment)
            )

        contestants = {(one, which): start(one, which) for one in BACKENDS for which in ALL}
        names = {" ".join(key): key for key in contestants}
        found = medians({name: contestants[key] for name, key in names.items()}, ROUNDS)
        return {names[name]: added for name, added in found.items()}


@functools.cache
def ready(backend: str, which: str) -> tuple[Side, Side]:
    """The same; both have to answer the same, byte for byte."""
    without, observed = sides(backend, which)
    plain, answer = without.server.dispatch(1), observed.server.dispatch(1)
    if plain != answer:
        sys.exit(f"answers of {backend} differ with {which}: {plain}, {answer}")
    gc.freeze()
    return without, observed


def added(backend: str, which: str) -> float:
    """What is added to a run, in microseconds."""
    without, observed = ready(backend, which)
    pairs = [(without.batch(), observed.batch()) for _ in range(BATCHES)]
    bare, whole = (min(side) for side in zip(*pairs, strict=True))
    return whole - bare


def main(backend: str, which: str) -> None:
    """Be a contestant, which makes ready in the first round: by then its output goes nowhere."""
    compete(functools.partial(added, backend, which))


if __name__ == "__main__":
    main(*sys.argv[1:])

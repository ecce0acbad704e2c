"""A parent that starts children through `multiprocessing`, and what each of them tells."""

import multiprocessing
from multiprocessing.synchronize import Barrier
from typing import Any

import kyros_obs
from kyros_obs import _state
from tests.clusters import samples

#: Seconds that one waits for the others, which may have failed.
PATIENCE = 10


def totals(method: str, own: str, *services: str) -> list[float]:
    """What one child for each service tells when all have counted one, and so has their parent.

    `own` is the service of the parent, if it has any.
    """
    if own:
        kyros_obs.configure(service=own)
        kyros_obs.counter("counted_total").inc()
    context: Any = multiprocessing.get_context(method)
    barrier = context.Barrier(len(services))
    told: Any = context.SimpleQueue()
    children = [
        context.Process(target=_count, args=(barrier, service, told)) for service in services
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * len(children)
    return [value for _, value in sorted(told.get() for _ in children)]


def _count(barrier: Barrier, service: str, told: Any) -> None:
    kyros_obs.configure(service=service)
    kyros_obs.counter("counted_total").inc()
    barrier.wait(PATIENCE)
    total = samples(_state.runtime().scrape(None, None)[0].decode())["counted_total"]
    told.put((service, total))
    barrier.wait(PATIENCE)

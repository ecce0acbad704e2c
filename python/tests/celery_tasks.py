"""A Celery application that is configured in its parent, or in each of its children."""

import os
import time
from pathlib import Path

from celery.signals import worker_process_init  # type: ignore[import-untyped]

import kyros_obs
from tests.celery_broker import CONFIGURED_IN, FILES, broker

worked = kyros_obs.counter("worked_total", "Tasks that were done.")
app = broker(Path(os.environ[FILES]))


@app.task(name="work")  # type: ignore[untyped-decorator]
def work() -> None:
    """Count, and note which process has."""
    time.sleep(0.005)
    worked.inc()
    (Path(os.environ[FILES]) / f"{os.getpid()}.worker").touch()


def configure(**_details: object) -> None:
    """As Celery's signals call it."""
    kyros_obs.configure()


if os.environ[CONFIGURED_IN] == "parent":
    configure()
else:
    worker_process_init.connect(configure, weak=False)

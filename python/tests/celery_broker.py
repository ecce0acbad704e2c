"""A broker of files, for a Celery worker and who sends it tasks."""

import json
import time
import uuid
from pathlib import Path
from typing import Any

import celery  # type: ignore[import-untyped]
from kombu.transport import filesystem

#: Where the files are.
FILES = "CELERY_BROKER_FILES"
#: Where the worker configures: in its `parent` or in its `children`.
CONFIGURED_IN = "CELERY_CONFIGURED_IN"


class Channel(filesystem.Channel):
    """Files that are whole when they are seen."""

    def _put(self, queue: Any, payload: Any, **_options: Any) -> None:  # type: ignore[override]
        name, place = uuid.uuid4().hex, Path(self.data_folder_out)
        unseen = place / name
        unseen.write_text(json.dumps(payload))
        unseen.rename(place / f"{time.monotonic_ns():020}_{name}.{queue}.msg")


class Transport(filesystem.Transport):
    """The way there."""

    Channel = Channel


def broker(files: Path) -> celery.Celery:
    """An application that has its messages there."""
    app = celery.Celery("tasks", broker="filesystem://")
    app.conf.update(
        broker_transport=f"{__name__}:Transport",
        broker_transport_options={
            "data_folder_in": str(files),
            "data_folder_out": str(files),
            "control_folder": str(files / "control"),
            "polling_interval": 0.01,
        },
        worker_hijack_root_logger=False,
        task_ignore_result=True,
    )
    return app

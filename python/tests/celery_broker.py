"""A broker of files, for a Celery worker and who sends it tasks."""

from pathlib import Path

import celery  # type: ignore[import-untyped]

#: Where the files are.
FILES = "CELERY_BROKER_FILES"
#: Where the worker configures: in its `parent` or in its `children`.
CONFIGURED_IN = "CELERY_CONFIGURED_IN"


def broker(files: Path) -> celery.Celery:
    """An application that has its messages there."""
    app = celery.Celery("tasks", broker="filesystem://")
    app.conf.update(
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

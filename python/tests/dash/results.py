"""Results of Celery in files, as Dash takes them from other backends: under keys of text, too."""

from contextlib import suppress
from typing import Any

from celery.backends.filesystem import FilesystemBackend  # type: ignore[import-untyped]


class Results(FilesystemBackend):  # type: ignore[misc]
    """Files by keys of either kind."""

    def _filename(self, key: Any) -> Any:
        return super()._filename(key.encode() if isinstance(key, str) else key)

    def delete(self, key: Any) -> None:
        """Delete a file; Dash deletes what may not be there, as other backends let it."""
        with suppress(FileNotFoundError):
            super().delete(key)

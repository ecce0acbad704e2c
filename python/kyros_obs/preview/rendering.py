"""The dashboards of a directory, or those that `kyros-obs generate` writes."""

import subprocess
import sys
import tempfile
from pathlib import Path

from kyros_obs.preview.dashboards import Dashboard, load
from kyros_obs.preview.failure import PreviewError

_WRITTEN = Path("dashboards") / "out"


def dashboards(directory: Path | None, config: Path | None) -> dict[str, Dashboard]:
    """The dashboards to draw, by uid; `config` is the service's own schema, as for `generate`."""
    if directory is not None:
        return load(directory)
    with tempfile.TemporaryDirectory(prefix="kyros-obs-preview-") as written:
        _generate(Path(written), config)
        return load(Path(written) / _WRITTEN)


def _generate(out: Path, config: Path | None) -> None:
    """In a process of its own, for the command prints what it writes."""
    overlay = ["--config", str(config)] if config else []
    command = [sys.executable, "-m", "kyros_obs", *overlay, "generate", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise PreviewError(done.stderr.strip().removeprefix("error: "))

"""The rules, routing and scrape configuration of a run, generated from the schema as for anybody.

The platform's overlay shortens the windows; a run adds the address of its team channel to it, and
puts its own targets in the place of a cluster's.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from examples.platform.launch.ports import HOST
from examples.platform.launch.processes import LaunchError

OVERLAY = Path(__file__).parents[1] / "kyros-obs.toml"


@dataclass(frozen=True)
class Assets:
    """A directory of generated files, and the overlay they were generated with."""

    directory: Path
    overlay: Path

    @property
    def prometheus_config(self) -> Path:
        """Prometheus' configuration; the rules it names lie beside it."""
        return self.directory / "deploy" / "prometheus" / "prometheus.yml"

    @property
    def alertmanager_config(self) -> Path:
        """Alertmanager's configuration."""
        return self.directory / "alerts" / "out" / "alertmanager.yml"

    @property
    def dashboards(self) -> list[Path]:
        """The Grafana dashboards."""
        return sorted((self.directory / "dashboards" / "out").glob("*.json"))


def generate(run_directory: Path, overlay: Path, webhook_port: int) -> Assets:
    """Generate everything under `run_directory/assets`."""
    own = run_directory / "kyros-obs.toml"
    webhook = f"http://{HOST}:{webhook_port}/team-channel"
    own.write_text(f'{overlay.read_text().rstrip()}\nteam_webhook = "{webhook}"\n')
    assets = Assets(run_directory / "assets", own)
    kyros_obs("generate", "--out", str(assets.directory), overlay=own)
    return assets


def set_targets(assets: Assets, targets: dict[str, dict[str, int]]) -> None:
    """Replace the generated targets: ports by service name, by the directory of a job."""
    directory = assets.prometheus_config.parent / "targets"
    shutil.rmtree(directory, ignore_errors=True)
    for job, ports in targets.items():
        (directory / job).mkdir(parents=True)
        groups = [
            {"targets": [f"{HOST}:{port}"], "labels": {"service": service}}
            for service, port in ports.items()
        ]
        # JSON is YAML too, and Prometheus takes these files by their suffix.
        (directory / job / "example.yml").write_text(json.dumps(groups))


def kyros_obs(*arguments: str, overlay: Path | None = None, **environment: str) -> str:
    """Run the command line of the SDK; answers what it printed, or raises `LaunchError`."""
    program = Path(sys.executable).with_name("kyros-obs")
    settings = {"KYROS_OBS_CONFIG": str(overlay)} if overlay else {}
    done = subprocess.run(  # noqa: S603 — our own program
        [str(program), *arguments],
        env={**os.environ, **settings, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        message = f"kyros-obs {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        raise LaunchError(message)
    return done.stdout

"""Prometheus and Alertmanager, with the generated configuration.

The programs have to be on the path; `.ci/tools prometheus` puts them there from Debian's packages,
and keeps Debian from starting services of them.
"""

import shutil
from pathlib import Path

import httpx

from examples.platform.launch.assets import Assets
from examples.platform.launch.ports import HOST, free_port
from examples.platform.launch.processes import LaunchError, Processes, wait_until
from examples.platform.prometheus_api import PrometheusApi

_PROGRAMS = {
    "prometheus": ("prometheus",),
    "alertmanager": ("alertmanager", "prometheus-alertmanager"),
}
_PORTS = {"prometheus": 9090, "alertmanager": 9093}


def start_alertmanager(
    processes: Processes, assets: Assets, data: Path, *, usual_ports: bool
) -> int:
    """Start Alertmanager; answers its port."""
    port = free_port(_PORTS["alertmanager"] if usual_ports else 0)
    options = [
        f"--config.file={assets.alertmanager_config}",
        f"--storage.path={data}",
        f"--web.listen-address={HOST}:{port}",
        "--cluster.listen-address=",
        "--log.level=warn",
    ]
    processes.start("alertmanager", [program("alertmanager"), *options])
    wait_until(processes, "Alertmanager answers", lambda: _ready(port))
    return port


def start_prometheus(
    processes: Processes, assets: Assets, data: Path, *, usual_ports: bool
) -> PrometheusApi:
    """Start Prometheus and wait until it answers."""
    port = free_port(_PORTS["prometheus"] if usual_ports else 0)
    options = [
        f"--config.file={assets.prometheus_config}",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address={HOST}:{port}",
        "--enable-feature=exemplar-storage",
        "--log.level=warn",
    ]
    processes.start("prometheus", [program("prometheus"), *options])
    api = PrometheusApi(f"http://{HOST}:{port}")
    wait_until(processes, "Prometheus answers", api.ready)
    return api


def program(name: str) -> str:
    """The path of a program, or `LaunchError` that says how to get it."""
    for candidate in _PROGRAMS[name]:
        if path := shutil.which(candidate):
            return path
    package = _PROGRAMS[name][-1]
    remedy = f"apt-get install {package}, or run `.ci/tools prometheus` as root"
    message = f"no `{name}` on the path: hint: {remedy}"
    raise LaunchError(message)


def _ready(port: int) -> bool:
    try:
        answer = httpx.get(f"http://{HOST}:{port}/-/ready", timeout=2)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK

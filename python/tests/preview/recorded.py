"""A Prometheus with a quarter of an hour of everything that dashboards may name."""

import contextlib
import itertools
import shutil
import socket
import subprocess
import time
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[3]
DASHBOARDS = ROOT / "dashboards" / "out"
SCRAPE = 15
_SCRAPES = 60
_DEADLINE = 60.0
_KINDS = ("metric", "exporter", "recording")
#: Labels whose values queries pick by name; all others have one value.
_PICKED = ("endpoint", "code", "status", "outcome", "result", "event", "le", "resource", "state")
_VALUES = {
    "code": ["200", "404", "500"],
    "status": ["200", "500"],
    "resource": ["cpu", "memory"],
    "state": ["active", "idle"],
    "le": ["0.1", "0.3", "0.7", "1.0", "+Inf"],
    "endpoint": ["/api/dashboards/{slug}/data", "/api/me"],
    "method": ["GET"],
    "namespace": ["kyros"],
}


@contextlib.contextmanager
def prometheus(directory: Path, text: str) -> Iterator[str]:
    """A real Prometheus with the samples of a text in OpenMetrics; its address."""
    (directory / "prometheus.yml").write_text("{}\n")
    (directory / "recorded.txt").write_text(text)
    data = directory / "data"
    data.mkdir()
    if text.count("\n") > 1:
        blocks = ["tsdb", "create-blocks-from", "openmetrics", "--quiet"]
        run = [program("promtool"), *blocks, str(directory / "recorded.txt"), str(data)]
        subprocess.run(run, check=True, capture_output=True)  # noqa: S603
    port = free_port()
    options = [
        f"--config.file={directory / 'prometheus.yml'}",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen([program("prometheus"), *options], stdout=log, stderr=log)  # noqa: S603
    try:
        url = f"http://127.0.0.1:{port}"
        until_ready(url, directory / "log")
        yield url
    finally:
        process.terminate()
        process.wait(_DEADLINE)


def everything() -> str:
    """Each metric, exporter's series and recording of the schema, growing with time."""
    schema = tomllib.loads((ROOT / "crates/kyros-schema/schema.toml").read_text())
    now = int(time.time())
    moments = [now - SCRAPE * back for back in reversed(range(_SCRAPES))]
    lines = [
        f"{series} {index + 1} {moment}"
        for kind in _KINDS
        for name, row in schema[kind].items()
        for series in _series(schema, name, row)
        for index, moment in enumerate(moments)
    ]
    return "\n".join([*lines, "# EOF", ""])


def _series(schema: Mapping[str, Any], name: str, row: Mapping[str, Any]) -> Iterator[str]:
    labels = dict.fromkeys([*row.get("labels", ()), "service", "job", "instance"])
    parts = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
    for suffix in parts.get(row.get("kind", ""), ("",)):
        names = [*labels, *(["le"] if suffix == "_bucket" else [])]
        for values in itertools.product(*(_values(schema, one) for one in names)):
            inside = ",".join(f'{key}="{value}"' for key, value in zip(names, values, strict=True))
            yield f"{name}{suffix}{{{inside}}}"


def _values(schema: Mapping[str, Any], label: str) -> list[str]:
    known = schema["label"].get(label, {}).get("values")
    values = _VALUES.get(label) or known or list(schema["event"] if label == "event" else ["one"])
    return list(values) if label in _PICKED else list(values)[:1]


def program(name: str) -> str:
    """The path of a program; `.ci/tools prometheus` installs it."""
    path = shutil.which(name)
    assert path is not None, f"no {name}\n  hint: .ci/tools prometheus"
    return path


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_ready(url: str, log: Path) -> None:
    """Wait for Prometheus to answer."""
    end = time.monotonic() + _DEADLINE
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/-/ready", timeout=2).status_code == httpx.codes.OK:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text())

"""What children that a service starts for its work have counted is what it tells."""

import contextlib
import http.client
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.celery_broker import CONFIGURED_IN, FILES, broker
from tests.clients import target
from tests.clusters import Cluster, is_alive, running, samples, started, until
from tests.dash.background import CACHE
from tests.test_listener import ask
from tests.test_servers import free_port

TASKS = 40
CELERY = "-A tests.celery_tasks worker --pool prefork --concurrency 2 --max-tasks-per-child 15"
GUNICORN = "gunicorn --no-control-socket --bind 127.0.0.1:{port} --workers {workers}"


@pytest.mark.parametrize("configured_in", ["parent", "children"])
def test_celery(tmp_path: Path, configured_in: str) -> None:
    """Its children are recycled meanwhile; wherever it is configured, nothing is missing."""
    files, place = tmp_path / "broker", f"127.0.0.1:{free_port()}"
    files.mkdir()
    variables = {
        FILES: str(files),
        CONFIGURED_IN: configured_in,
        "KYROS_OBS_METRICS_LISTEN": place,
    }
    with started(["-m", "celery", *CELERY.split()], tmp_path, variables) as process:
        app = broker(files)
        for _ in range(TASKS):
            app.send_task("work")
        until(lambda: told(place).get("worked_total") == TASKS, output(tmp_path))
        workers = [int(path.stem) for path in files.glob("*.worker")]
        assert len(workers) > 2
        assert process.pid not in workers


def told(place: str) -> dict[str, float]:
    """What the port of its own tells, if the child that has it lives to answer."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return samples(ask(place, "GET", "/metrics")[1].decode())
    return {}


def output(directory: Path) -> Any:
    """What the process has written, for a failure."""
    return (directory / "output").read_text


def test_background_callbacks_of_dash(tmp_path: Path) -> None:
    """Their processes have ended when the workers tell what they have counted."""
    command = f"{GUNICORN} tests.dash.background:make()"
    with running(command, tmp_path, variables={CACHE: str(tmp_path / "cache")}) as cluster:
        children = [clicked(cluster, clicks) for clicks in (1, 2, 4)]
        until(lambda: not any(map(is_alive, children)))
        scrape = cluster.samples()
    assert (scrape["worked_total"], scrape["kyros_workers"]) == (7, cluster.workers)


def clicked(cluster: Cluster, clicks: int) -> int:
    """Run the callback as a browser does; the process that has done it."""
    body = {
        "output": "done.children",
        "outputs": target("done", "children"),
        "inputs": [{"id": "go", "property": "n_clicks", "value": clicks}],
        "changedPropIds": ["go.n_clicks"],
    }
    url = f"http://127.0.0.1:{cluster.port}/_dash-update-component"
    begun = httpx.post(url, json=body).json()
    handles = {name: begun[name] for name in ("cacheKey", "job")}
    result: dict[str, Any] = {}

    def is_done() -> bool:
        result.update(httpx.post(url, json=body, params=handles).json())
        return "response" in result

    until(is_done)
    return int(result["response"]["done"]["children"])

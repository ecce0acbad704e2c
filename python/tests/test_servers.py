"""Under real servers, in processes of their own: uvicorn, and gunicorn that forks after import."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.apps import TENANT
from tests.clients import target

UVICORN = ["uvicorn", "--factory", "tests.apps:make_api", "--host", "127.0.0.1", "--port"]
GUNICORN = ["gunicorn", "--preload", "--threads", "4", "tests.apps:make_dash()"]
DEADLINE = 30


@dataclass
class Server:
    """A running server and where it writes."""

    url: str
    directory: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> tuple[list[dict[str, Any]], str]:
        """End it as an orchestrator does; its lines, and what it wrote to standard error."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(DEADLINE)
        out, err = (self.directory / name for name in ("out", "err"))
        return [json.loads(line) for line in out.read_text().splitlines()], err.read_text()


@pytest.fixture
def uvicorn(tmp_path: Path) -> Iterator[Server]:
    """One uvicorn process."""
    port = free_port()
    with started([*UVICORN, str(port)], port, tmp_path) as server:
        yield server


@pytest.fixture
def gunicorn(tmp_path: Path) -> Iterator[Server]:
    """A gunicorn master that imports the application, and one worker with threads."""
    port = free_port()
    with started([*GUNICORN, "--bind", f"127.0.0.1:{port}"], port, tmp_path) as server:
        yield server


def test_uvicorn(uvicorn: Server) -> None:
    """Requests are counted and written once; standard error stays empty."""
    codes = [
        httpx.get(f"{uvicorn.url}{path}").status_code
        for path in ("/items/1", "/items/2", "/broken", "/nowhere")
    ]
    assert codes == [200, 200, 500, 404]
    scrape = httpx.get(f"{uvicorn.url}/metrics").text
    assert (
        count(scrape, f'endpoint="/items/{{item_id}}",method="GET",code="200",tenant_id="{TENANT}"')
        == 2
    )
    lines, err = uvicorn.stop()
    assert [line["route"] for line in lines if line["event"] == "access"] == [
        "/items/{item_id}",
        "/items/{item_id}",
        "/broken",
        "_unmatched",
        "/metrics",
    ]
    assert any("Uvicorn running" in (line["message"] or "") for line in lines)
    assert err == ""


def test_unhandled_exception_under_uvicorn(uvicorn: Server) -> None:
    """It is one line, which says whose request it was; the server's own has nothing to add."""
    for _ in range(2):
        assert httpx.get(f"{uvicorn.url}/broken").status_code == 500
    lines, err = uvicorn.stop()
    check_unhandled(lines, "RuntimeError", route="/broken", times=2)
    assert err == ""


def test_unhandled_exceptions_under_gunicorn(gunicorn: Server) -> None:
    """Flask logs those of views itself; those of a stream leave it."""
    headers = {"Authorization": "Bearer anything"}
    assert httpx.get(f"{gunicorn.url}/broken", headers=headers).status_code == 500
    with contextlib.suppress(httpx.RemoteProtocolError):
        httpx.get(f"{gunicorn.url}/stream", headers=headers)
    lines, err = gunicorn.stop()
    for route in ("/broken", "/stream"):
        check_unhandled(lines, "RuntimeError", route=route, times=1)
    assert err == ""


def check_unhandled(lines: list[dict[str, Any]], kind: str, *, route: str, times: int) -> None:
    """Each request of a route has one error line, of its trace and tenant."""
    requests = [line["trace_id"] for line in lines if line.get("route") == route]
    assert len(requests) == times
    errors = [line for line in lines if line["trace_id"] in {*requests, None} and "error" in line]
    assert [line["trace_id"] for line in errors] == requests
    for line in errors:
        assert (line["level"], line["event"], line["tenant_id"]) == ("error", "log", TENANT)
        assert line["error"]["type"] == kind
        assert line["error"]["frames"]


def test_gunicorn_preload(gunicorn: Server) -> None:
    """After the fork everything works, from several threads, in front of the guard."""
    callback = {
        "output": "fine.children",
        "outputs": target("fine", "children"),
        "inputs": [{"id": "go", "property": "n_clicks", "value": 1}],
        "changedPropIds": ["go.n_clicks"],
    }
    headers = {"Authorization": "Bearer anything"}

    def click(_number: int) -> int:
        url = f"{gunicorn.url}/dash/clv/_dash-update-component"
        return httpx.post(url, json=callback, headers=headers).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(click, range(40))) == {200}
    assert httpx.get(f"{gunicorn.url}/dash/clv/").status_code == 401
    scrape = httpx.get(f"{gunicorn.url}/metrics").text
    run = f'app_slug="clv",callback="fine.children",tenant_id="{TENANT}",outcome="ok"'
    assert count(scrape, run) == 40
    lines, err = gunicorn.stop()
    access = [line["status"] for line in lines if line["event"] == "access"]
    assert (access.count(200), access.count(401)) == (41, 1)
    assert [line["event"] for line in lines].count("started") == 1
    assert err == ""


def count(scrape: str, labels: str) -> float:
    """The value of the one counter that has these labels, whatever stands before them."""
    values = [
        float(line.rpartition(" ")[2])
        for line in scrape.splitlines()
        if labels in line and "_total{" in line
    ]
    assert len(values) == 1, scrape
    return values[0]


@contextlib.contextmanager
def started(command: list[str], port: int, directory: Path) -> Iterator[Server]:
    """Run a server until the test ends."""
    environment = {
        **os.environ,
        "KYROS_OBS_SPOOL_DIR": str(directory / "spool"),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    with (directory / "out").open("wb") as out, (directory / "err").open("wb") as err:
        process = subprocess.Popen(  # noqa: S603 - our own server
            [sys.executable, "-m", *command], stdout=out, stderr=err, env=environment
        )
    server = Server(f"http://127.0.0.1:{port}", directory, process)
    try:
        _wait_until_it_listens(server, port)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait_until_it_listens(server: Server, port: int) -> None:
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end and server.process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    output = [(server.directory / name).read_text() for name in ("out", "err")]
    raise AssertionError("\n".join(["the server does not listen", *output]))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

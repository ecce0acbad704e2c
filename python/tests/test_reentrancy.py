"""Objects of the application that log, wait or change while we read whose request it is."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request

import kyros_obs
from kyros_obs.testing import Captured, capture
from tests.clients import AsgiClient


@pytest.fixture
def seen() -> Iterator[Captured]:
    """A capturing runtime that has a key for `email_hash`, and so nothing to complain of."""
    with capture(pii_key="0123456789abcdef") as captured:
        yield captured


#: A hang is killed after so many seconds.
WATCHDOG = 30

SCRIPT = """
import asyncio, contextvars, json, logging, threading
import kyros_obs
from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from tests.clients import AsgiClient

app = FastAPI()
reading = threading.Event()
go_on = threading.Event()

def in_thread(*call):
    thread = threading.Thread(target=contextvars.copy_context().run, args=call)
    thread.start()
    thread.join()

class User:
    sub = "u1"
    @property
    def email(self):
        EMAIL
        return "analyst@client.example"

@app.middleware("http")
async def authenticate(request, call_next):
    request.state.user, request.state.tenant_id = User(), "t1"
    return await call_next(request)

@app.get("/")
async def root():
    ROUTE

with kyros_obs.testing.capture(pii_key="0123456789abcdef") as seen:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    assert AsgiClient(kyros_obs.instrument(app)).get("/").status_code == 200
    print(json.dumps(seen.lines))
"""
LOGS = 'logging.getLogger("orm").info("SELECT email")'
READS_BESIDE = """
    work = asyncio.create_task(run_in_threadpool(logging.getLogger("app").info, "worker"))
    await run_in_threadpool(reading.wait)
    kyros_obs.event("login")
    go_on.set()
    await work
"""
SHAPES = {
    "logs": (LOGS, 'logging.getLogger("app").info("hello")', ["SELECT email", "hello"]),
    "measures in a thread of the same context": (
        'in_thread(kyros_obs.event, "email_read")',
        'logging.getLogger("app").info("hello")',
        ["email_read", "hello"],
    ),
    "waits": (
        "first = not reading.is_set(); reading.set(); first and go_on.wait(20)",
        READS_BESIDE,
        ["login", "worker"],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_an_attribute_that_logs_or_waits(shape: str) -> None:
    """It neither hangs nor recurses, and each line has the tenant."""
    attribute, route, messages = SHAPES[shape]
    script = SCRIPT.replace("EMAIL", attribute).replace("ROUTE", route.strip())
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script],
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
        cwd=Path.cwd(),
        timeout=WATCHDOG,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in json.loads(done.stdout) if line["event"] != "access"]
    assert {line["tenant_id"] for line in lines} == {"t1"}
    seen = [line["message"] or line["event"] for line in lines]
    assert [text for text in messages if text not in seen] == []
    assert len(lines) < 10


def test_a_complete_identity_is_read_once_and_when_the_request_ends(seen: Captured) -> None:
    """A hundred lines don't ask the user's attributes a hundred times."""
    asked: list[str] = []

    class User:
        sub = "u1"

        @property
        def email(self) -> str:
            asked.append("email")
            return "analyst@client.example"

    app = FastAPI()

    @app.get("/")
    def root(request: Request) -> None:
        request.state.user, request.state.tenant_id = User(), "t1"
        for _ in range(100):
            kyros_obs.event("login")

    AsgiClient(kyros_obs.instrument(app)).get("/")
    assert len(asked) == 2
    assert {line["tenant_id"] for line in seen.lines} == {"t1"}


def test_a_later_identity_replaces_an_earlier_one(seen: Captured) -> None:
    """Another user or tenant in `request.state` is seen by the next line."""
    app = FastAPI()

    @app.get("/")
    def root(request: Request) -> None:
        for tenant in ("t1", "t2"):
            request.state.user = {"sub": f"sub-{tenant}", "email": "a@client.example"}
            request.state.tenant_id = tenant
            kyros_obs.event("login")
        request.state.user["sub"] = "changed-inside"

    AsgiClient(kyros_obs.instrument(app)).get("/")
    assert [(line["tenant_id"], line["sub"]) for line in seen.lines] == [
        ("t1", "sub-t1"),
        ("t2", "sub-t2"),
        ("t2", "changed-inside"),
    ]

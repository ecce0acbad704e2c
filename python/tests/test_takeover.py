"""Taking over Python's `logging`, whoever set it up: all lines are ours, and none comes twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from uvicorn.config import LOGGING_CONFIG

TAKE_OVER = """
import logging, logging.config, sys, threading
import kyros_obs
BEFORE
kyros_obs.configure(service="app", env="test", spool_dir=sys.argv[1])
logging.getLogger("app").info("one")
logging.getLogger("uvicorn").info("two")
logging.getLogger("uvicorn.error").warning("three")
logging.getLogger("uvicorn.access").info("never")
logging.getLogger("gunicorn.error").error("four")
logging.getLogger("gunicorn.access").info("never")
logging.getLogger("werkzeug").info("never")
logging.getLogger("own").info("five")
"""
SETUPS = {
    "plain": "",
    "basicConfig": "logging.basicConfig(level=logging.DEBUG)",
    "uvicorn": "from uvicorn.config import LOGGING_CONFIG as c; logging.config.dictConfig(c)",
    "own": (
        "o = logging.getLogger('own'); o.propagate = False; o.addHandler(logging.StreamHandler())"
    ),
    "gunicorn": (
        "from gunicorn.config import Config; from gunicorn.glogging import Logger; "
        "c = Config(); c.set('accesslog', '-'); Logger(c)"
    ),
}
#: What uvicorn's worker of gunicorn does as it is made: before an application is imported, or after
#: it where that is preloaded.
WORKER = """
for name in ("error", "access"):
    served = logging.getLogger(f"uvicorn.{name}")
    served.handlers = logging.getLogger(f"gunicorn.{name}").handlers
    served.propagate = False
"""
SETUPS["gunicorn's uvicorn"] = SETUPS["gunicorn"] + WORKER


@pytest.mark.parametrize("setup", SETUPS)
def test_take_over(tmp_path: Path, setup: str) -> None:
    """Whatever was set up before, each record is one line on standard output, none elsewhere."""
    script = TAKE_OVER.replace("BEFORE", SETUPS[setup])
    done = run(script, str(tmp_path))
    messages = [json.loads(line)["message"] for line in done.stdout.splitlines()]
    expected = ["one", "two", "three", "four", "five"]
    assert [text for text in messages if text in {*expected, "never"}] == expected
    assert done.stderr == ""


def test_hypercorn_sets_up_after_the_lifespan(tmp_path: Path) -> None:
    """Its loggers are taken over by the first request, before it has an error to print."""
    script = """
import asyncio, logging, sys
import kyros_obs
from fastapi import FastAPI
from hypercorn.config import Config
from tests.clients import AsgiClient
kyros_obs.configure(service="app", env="test", spool_dir=sys.argv[1])
app = kyros_obs.instrument(FastAPI())
async def receive():
    return next(events)
async def send(message):
    pass
events = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
asyncio.run(app({"type": "lifespan"}, receive, send))
config = Config()
config.accesslog = "-"
log = config.log
AsgiClient(app).get("/healthz")
log.access_logger.info("never")
log.error_logger.error("one")
"""
    done = run(script, str(tmp_path))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    found = [line["message"] for line in lines if line.get("logger", "").startswith("hypercorn")]
    assert found == ["one"]
    assert done.stderr == ""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_shares_its_handlers(tmp_path: Path, when: str) -> None:
    """Uvicorn's lines under gunicorn are ours; without us, none would be redacted."""
    script = f"""
import logging, sys
import kyros_obs
from fastapi import FastAPI
from tests.clients import AsgiClient
{SETUPS["gunicorn"]}
{WORKER if when == "before" else ""}
kyros_obs.configure(service="app", env="test", spool_dir=sys.argv[1])
app = kyros_obs.instrument(FastAPI())
{WORKER if when == "after" else ""}
AsgiClient(app).get("/healthz")
logging.getLogger("uvicorn.error").info("one")
logging.getLogger("uvicorn.error").error("two")
logging.getLogger("uvicorn.access").info("never")
"""
    done = run(script, str(tmp_path))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    found = [line["message"] for line in lines if line.get("logger", "").startswith("uvicorn")]
    assert found == ["one", "two"]
    assert done.stderr == ""


def test_files_of_the_application_stay(tmp_path: Path) -> None:
    """A handler that writes to a file is the application's business."""
    file = tmp_path / "own.log"
    before = f"logging.getLogger('app').addHandler(logging.FileHandler({str(file)!r}))"
    done = run(TAKE_OVER.replace("BEFORE", before), str(tmp_path))
    assert file.read_text() == "one\n"
    assert done.stdout.count('"one"') == 1


@pytest.mark.parametrize("name", ["uvicorn.access", "gunicorn.access", "werkzeug"])
def test_files_of_access_loggers_stay(tmp_path: Path, name: str) -> None:
    """An access log that the application keeps in a file goes on, and is no line of ours."""
    file = tmp_path / "access.log"
    before = (
        f"l = logging.getLogger({name!r}); l.setLevel(logging.INFO); "
        f"l.addHandler(logging.FileHandler({str(file)!r})); "
        "l.addHandler(logging.StreamHandler())"
    )
    done = run(TAKE_OVER.replace("BEFORE", before), str(tmp_path))
    assert file.read_text() == "never\n"
    assert "never" not in done.stdout
    assert done.stderr == ""


LEVELS = """
import logging, sys
import kyros_obs
file = logging.FileHandler(sys.argv[2])
logging.basicConfig(level=logging.BEFORE, handlers=[file], format="%(message)s")
kyros_obs.configure(service="app", env="test", spool_dir=sys.argv[1], log_level="WRITTEN")
log = logging.getLogger("app")
log.debug("debug"), log.info("info"), log.warning("warning"), log.error("error")
"""


@pytest.mark.parametrize(
    ("before", "written", "lines", "file"),
    [
        ("WARNING", "info", "info warning error", "info warning error"),
        ("DEBUG", "warn", "warning error", "debug info warning error"),
        ("ERROR", "error", "error", "error"),
        ("INFO", "debug", "debug info warning error", "debug info warning error"),
    ],
)
def test_levels(tmp_path: Path, before: str, written: str, lines: str, file: str) -> None:
    """`log_level` alone says what is written; the application's files lose nothing by it."""
    script = LEVELS.replace("BEFORE", before).replace("WRITTEN", written)
    own = tmp_path / "own.log"
    done = run(script, str(tmp_path / "spool"), str(own))
    messages = [json.loads(line)["message"] for line in done.stdout.splitlines()]
    levels = {"debug", "info", "warning", "error"}
    assert [text for text in messages if text in levels] == lines.split()
    assert [text for text in own.read_text().split() if text in levels] == file.split()


RECONFIGURED = """
import logging, sys
import kyros_obs
logging.getLogger().setLevel(logging.ERROR)
for level in ("debug", "error"):
    kyros_obs.configure(service="app", env="test", spool_dir=sys.argv[1], log_level=level)
    print(logging.getLogger().level, file=sys.stderr)
"""


def test_the_root_level_follows_the_setting(tmp_path: Path) -> None:
    """A later configuration starts from the application's level again."""
    assert run(RECONFIGURED, str(tmp_path)).stderr.split() == ["10", "40"]


UNCAUGHT = """
import sys, threading
import kyros_obs
kyros_obs.configure(service="app", env="test", spool_dir=sys.argv[1])
def fail():
    password = "local-variable"
    raise ValueError("password=hunter2-hunter2")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
fail()
"""


def test_uncaught_exceptions(tmp_path: Path) -> None:
    """In the main thread and in others they are lines, and no traceback shows source."""
    done = run(UNCAUGHT, str(tmp_path), code=1)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    errors = [line["error"]["type"] for line in lines if line["level"] == "critical"]
    assert errors == ["ValueError", "ValueError"]
    assert done.stderr == ""
    assert "hunter2" not in done.stdout


def test_uvicorn_set_up_after_configure_is_taken_over(tmp_path: Path) -> None:
    """`uvicorn.run(app)` sets its loggers up after us; the first connection takes them over."""
    assert "uvicorn.access" in LOGGING_CONFIG["loggers"]
    script = """
import asyncio, logging, logging.config, sys
import kyros_obs
from fastapi import FastAPI
from uvicorn.config import LOGGING_CONFIG
kyros_obs.configure(service="app", env="test", spool_dir=sys.argv[1])
app = kyros_obs.instrument(FastAPI())
logging.config.dictConfig(LOGGING_CONFIG)
from tests.clients import AsgiClient
AsgiClient(app).get("/healthz")
logging.getLogger("uvicorn.error").info("one")
logging.getLogger("uvicorn.access").info("never")
"""
    done = run(script, str(tmp_path))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["message"] for line in lines if line.get("logger") == "uvicorn.error"] == ["one"]
    assert "never" not in done.stdout
    assert done.stderr == ""


def run(script: str, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own."""
    command = [sys.executable, "-c", script, *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert done.returncode == code, done.stderr
    return done

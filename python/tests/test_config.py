"""Settings: where they come from, which wins, and that all problems are told at once."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import flask
import pytest
from fastapi import FastAPI

from kyros_obs import ConfigError, _state, configure, instrument
from kyros_obs._vocabulary import ENVIRONMENT
from kyros_obs.config import resolve
from kyros_obs.testing import Captured


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, and a working directory without an overlay."""
    for variable in ENVIRONMENT.values():
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(f"{variable}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)


CASES: list[tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]] = [
    ({}, {}, {}),
    ({"KYROS_OBS_SERVICE": "a"}, {}, {"service": "a"}),
    ({"KYROS_OBS_SERVICE": "a"}, {"service": "b"}, {"service": "b"}),
    ({"KYROS_OBS_SERVICE": ""}, {}, {}),
    ({"KYROS_OBS_PII_KEY_FILE": "key"}, {}, {"pii_key": "from the file"}),
    ({"KYROS_OBS_PII_KEY": "key", "KYROS_OBS_PII_KEY_FILE": "key"}, {}, {"pii_key": "key"}),
    ({"KYROS_OBS_PII_KEY_FILE": "key"}, {"pii_key": "mine"}, {"pii_key": "mine"}),
    ({"KYROS_OBS_SERVICE_FILE": "key"}, {}, {}),
]


@pytest.mark.parametrize(("environment", "arguments", "resolved"), CASES)
def test_order(
    monkeypatch: pytest.MonkeyPatch,
    environment: Mapping[str, str],
    arguments: Mapping[str, str],
    resolved: Mapping[str, str],
) -> None:
    """Arguments win over variables, variables over the files of secrets."""
    Path("key").write_text("from the file\n", encoding="utf-8")
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    assert resolve(arguments) == resolved


def test_overlay_in_the_working_directory() -> None:
    """`kyros-obs.toml` is found where the service is started."""
    Path("kyros-obs.toml").write_text("", encoding="utf-8")
    assert resolve({}) == {"config": "kyros-obs.toml"}
    assert resolve({"config": "other.toml"}) == {"config": "other.toml"}


def test_file_of_a_secret_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable and the file."""
    monkeypatch.setenv("KYROS_OBS_PII_KEY_FILE", "absent")
    with pytest.raises(ConfigError, match=r"KYROS_OBS_PII_KEY_FILE.*absent"):
        configure(service="app")


def test_all_problems_at_once() -> None:
    """Four wrong settings are one error that names all four."""
    with pytest.raises(ConfigError) as raised:
        configure(
            service="app",
            log_level="loud",
            metrics="perhaps",
            metrics_listen="localhost:9464",
            sevrice="app",
        )
    for name in ("log_level", "`metrics`", "`metrics_listen`: no address and port", "sevrice"):
        assert name in str(raised.value)
    assert _state.active() is None


def test_overlay_with_problems() -> None:
    """A bad overlay stops the start, with its file and line."""
    Path("kyros-obs.toml").write_text("[alert.Nothing]\nthreshold = 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"kyros-obs\.toml:1"):
        configure(service="app")


def test_checked_under_capture(seen: Captured, tmp_path: Path) -> None:
    """A test finds the typing error, starts nothing, and needs no settings of its own."""
    active = _state.active()
    with pytest.raises(ConfigError, match="servce"):
        configure(servce="x")
    with pytest.raises(ConfigError, match="log_level"):
        configure(log_level="loud")
    configure(service="api", spool_dir=tmp_path / "spool")
    configure()
    assert _state.active() is active
    assert list(tmp_path.iterdir()) == []


THREADS = """
import sys, threading, time
import kyros_obs
from kyros_obs import _native
barrier = threading.Barrier(16)
def configure():
    barrier.wait()
    kyros_obs.configure(service="app", spool_dir=sys.argv[1])
made = []
start = _native.Runtime
def slowly(settings, *others):
    made.append(settings)
    time.sleep(0.2)
    return start(settings, *others)
kyros_obs.config.Runtime = slowly
threads = [threading.Thread(target=configure) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(made) == 1, made
"""


def test_threads_that_configure_at_once_make_one_runtime(tmp_path: Path) -> None:
    """Of the same settings there is one runtime, whoever comes first."""
    command = [sys.executable, "-c", THREADS, str(tmp_path / "spool")]
    subprocess.run(command, check=True)  # noqa: S603 - our own script


SCRIPT = """
import kyros_obs, sys
from kyros_obs import _state
kyros_obs.event("login")
first = _state.active()
assert first is not None and first.service == "from-environment"
kyros_obs.configure()
assert _state.active() is first
kyros_obs.configure(service="other", spool_dir=sys.argv[1])
assert _state.active().service == "other"
"""


def test_first_use_configures_from_the_environment(tmp_path: Path) -> None:
    """Without `configure` the environment is used; the same settings again change nothing."""
    environment = {
        **os.environ,
        "KYROS_OBS_SERVICE": "from-environment",
        "KYROS_OBS_SPOOL_DIR": str(tmp_path / "spool"),
    }
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "other")]
    subprocess.run(command, env=environment, check=True)  # noqa: S603 - our own script


UNKNOWN = [
    ("KYROS_OBS_SEVICE", "did you mean `KYROS_OBS_SERVICE`?"),
    ("KYROS_OBS_PII_KEY_FILES", "did you mean `KYROS_OBS_PII_KEY_FILE`?"),
    ("KYROS_OBS_", ""),
    ("KYROS_OBS_PII_KEY_FILE", None),
    ("KYROS_OBS_SERVICE_PORT_HTTP", None),
    ("KYROS_OBS_PORT", None),
    ("KYROS_PYTHON", None),
]


@pytest.mark.parametrize(("variable", "told"), UNKNOWN)
def test_variables_that_mean_nothing_are_told(
    tmp_path: Path, variable: str, told: str | None
) -> None:
    """By the line of a warning: a release may know variables that another one doesn't."""
    (tmp_path / "key").write_text("k" * 32, encoding="utf-8")
    environment = {**os.environ, variable: str(tmp_path / "key")}
    script = "import kyros_obs; kyros_obs.configure(service='app', spool_dir='spool')"
    run = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    warnings = [line["message"] for line in lines if "unknown variable" in line["message"]]
    assert len(warnings) == (told is not None)
    assert all(f"`{variable}`" in line and told in line for line in warnings if told)


@pytest.mark.parametrize(
    ("app", "options", "told"),
    [
        (FastAPI(), {"app_slug": "clv"}, r"`app_slug` is for Dash: got a `FastAPI`"),
        (FastAPI(), {"identity": "app:whose"}, r"`identity` is no function: got a `str`"),
        (flask.Flask("app"), {"app_slug": "clv"}, r"`app_slug` is for Dash: got a `Flask`"),
        (
            object(),
            {},
            r"of type `object`: expected FastAPI or one of Dash, Starlette, Quart, Flask",
        ),
    ],
)
def test_what_instrument_refuses(
    seen: Captured, app: object, options: dict[str, Any], told: str
) -> None:
    """The message says what belongs to which framework."""
    with pytest.raises(TypeError, match=told):
        instrument(app, **options)

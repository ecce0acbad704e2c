"""Python's `logging` comes out in our schema: every line parses, none comes twice, none leaks."""

import json
import logging
import threading
from typing import Any

import pytest
from fastapi import FastAPI

import kyros_obs
from kyros_obs.logs import Bridge
from kyros_obs.testing import Captured
from tests.clients import AsgiClient

log = logging.getLogger("kyros.test")


@pytest.mark.parametrize(
    ("number", "level"),
    [
        (logging.DEBUG, "debug"),
        (logging.INFO, "info"),
        (25, "info"),
        (logging.WARNING, "warn"),
        (logging.ERROR, "error"),
        (logging.CRITICAL, "critical"),
        (1, "debug"),
        (1000, "critical"),
    ],
)
def test_levels(number: int, level: str) -> None:
    """A level that the schema doesn't have is the one below it."""
    with kyros_obs.testing.capture(log_level="debug") as seen:
        log.log(number, "text")
        log.log(number, "more")
        expected = ["text", "more"] if number >= logging.DEBUG else []
        assert [line["message"] for line in seen.lines] == expected
        assert {line["level"] for line in seen.lines} <= {level}


def test_line(seen: Captured) -> None:
    """A record is one line: message, logger, and what the caller gave as extra."""
    log.info("%d reports for %s", 3, "acme", extra={"reports": 3})
    (line,) = seen.lines
    assert line["event"] == "log"
    assert (line["message"], line["logger"]) == ("3 reports for acme", "kyros.test")
    assert line["fields"] == {"reports": 3}


def fail(secret: str) -> None:
    """Raise with a secret in a local variable and in the message."""
    local = secret
    raise ValueError(f"password={local}")


def test_exception(seen: Captured) -> None:
    """An exception is data: type, redacted message, frames without source or local variables."""
    try:
        fail("hunter2-hunter2")
    except ValueError:
        log.exception("it failed")
    (line,) = seen.lines
    assert line["error"]["type"] == "ValueError"
    assert any("fail" in str(frame) for frame in line["error"]["frames"])
    assert "local = secret" not in json.dumps(line)
    seen.assert_no_leak("hunter2-hunter2")


def frames_of(seen: Captured, error: BaseException) -> list[str]:
    """What is written of where an error came from."""
    log.error("it failed", exc_info=error)
    frames: list[str] = seen.lines[-1]["error"]["frames"]
    return frames


def caught(raiser: Any, *arguments: object) -> Exception:
    """The exception that a call raises."""
    try:
        raiser(*arguments)
    except Exception as error:  # noqa: BLE001 - it is what the test is about
        return error
    raise AssertionError("nothing was raised")


def chained(how: str, depth: int) -> None:
    """Raise an error that came of others."""
    if depth == 0:
        fail("hunter2-hunter2")
    try:
        chained(how, depth - 1)
    except Exception as error:
        failure = RuntimeError(f"level {depth}")
        if how == "cause":
            raise failure from error
        if how == "none":
            raise failure from None
        raise failure  # noqa: B904 - the context is what the test is about


@pytest.mark.parametrize("how", ["cause", "context"])
def test_causes(seen: Captured, how: str) -> None:
    """What an exception came of follows its own frames, with frames and redacted messages."""
    frames = frames_of(seen, caught(chained, how, 2))
    told = [at for at, frame in enumerate(frames) if frame.startswith("caused by ")]
    assert [frames[at] for at in told] == [
        "caused by RuntimeError: level 1",
        "caused by ValueError: password=[redacted:password]",
    ]
    assert "in chained" in frames[told[0] - 1]
    assert "in fail" in frames[-1]
    seen.assert_no_leak("hunter2-hunter2")


def test_a_cause_that_is_suppressed(seen: Captured) -> None:
    """`from None` means it."""
    frames = frames_of(seen, caught(chained, "none", 2))
    assert not [frame for frame in frames if frame.startswith("caused by")]


def group() -> None:
    """Raise a group, one of whose members has a cause and one of which is a group."""
    inner = ExceptionGroup("inner", [KeyError("deep")])
    raise ExceptionGroup("all", [caught(chained, "cause", 1), inner])


def test_members_of_a_group(seen: Captured) -> None:
    """Members of groups are told like causes."""
    frames = frames_of(seen, caught(group))
    told = [frame for frame in frames if frame.startswith(("caused by", "member"))]
    assert told == [
        "member RuntimeError: level 1",
        "member ExceptionGroup: inner (1 sub-exception)",
        "caused by ValueError: password=[redacted:password]",
        "member KeyError: 'deep'",
    ]
    seen.assert_no_leak("hunter2-hunter2")


def test_a_context_that_comes_back_to_itself(seen: Captured) -> None:
    """Each error is told once."""
    one, other = ValueError("one"), KeyError("other")
    one.__context__, other.__context__ = other, one
    assert frames_of(seen, one) == ["caused by KeyError: 'other'"]
    one.__cause__ = one
    assert frames_of(seen, one) == []


def test_causes_are_bounded(seen: Captured) -> None:
    """At most five causes and 50 frames, the error's own among them."""

    def deep(depth: int) -> None:
        if depth == 0:
            chained("cause", 40)
        deep(depth - 1)

    frames = frames_of(seen, caught(deep, 100))
    assert len(frames) == 50
    assert len([frame for frame in frames if frame.startswith("caused by ")]) == 5
    many = ExceptionGroup("many", [ValueError(str(number)) for number in range(1000)])
    assert len(frames_of(seen, many)) == 5


class HostileChainError(Exception):
    """An exception that won't tell what it came of."""

    @property
    def __cause__(self) -> None:  # type: ignore[override]
        raise RuntimeError("no cause")


class Hostile:
    """Raises wherever it is asked for text."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class HostileError(Exception):
    """An exception that can't be printed."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.fixture
def alone() -> logging.Logger:
    """A logger out of reach of pytest's own handlers, which raise what they can't format."""
    logger = logging.Logger("kyros.alone")  # noqa: LOG001 - on purpose outside of the hierarchy
    logger.addHandler(Bridge())
    return logger


@pytest.mark.parametrize(
    ("message", "arguments", "written"),
    [
        ("%d reports", ("three",), "%d reports"),
        ("%s and %s", ("one",), "%s and %s"),
        ("%s", (Hostile(),), "%s"),
        (Hostile(), (), "<Hostile that can't be printed>"),
        ("100%", (), "100%"),
        ("two\nlines \x00 \ud800", (), None),
    ],
)
def test_messages_that_cannot_be_formatted(
    seen: Captured,
    alone: logging.Logger,
    capfd: pytest.CaptureFixture[str],
    message: Any,
    arguments: Any,
    written: Any,
) -> None:
    """They cost their arguments; `logging` never prints a record with its own fallback."""
    alone.info(message, *arguments)
    (line,) = seen.lines
    assert written is None or line["message"] == written
    assert capfd.readouterr().err == ""


def test_a_hostile_chain_costs_the_chain(seen: Captured, alone: logging.Logger) -> None:
    """The line is written all the same."""
    alone.error("it failed", exc_info=HostileChainError("it"))
    error = seen.lines[-1]["error"]
    assert (error["message"], error["frames"]) == ("it", [])


def test_hostile_extra_and_exception(
    seen: Captured, alone: logging.Logger, capfd: pytest.CaptureFixture[str]
) -> None:
    """What can't be printed costs its text, not the line."""
    alone.error("it failed", exc_info=HostileError(), extra={"thing": Hostile()})
    (line,) = seen.lines
    assert line["message"] == "it failed"
    assert line["error"]["type"].endswith("HostileError")
    assert capfd.readouterr().err == ""


def test_lines_of_a_request_carry_its_identity_and_trace(seen: Captured) -> None:
    """A line that a route logs says whose request it was logged in."""
    app = FastAPI()

    @app.get("/")
    def root() -> None:
        kyros_obs.bind(tenant_id="8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10")
        log.info("inside")

    AsgiClient(kyros_obs.instrument(app)).get("/")
    inside, access = (line for line in seen.lines if line["message"] != "outside")
    for name in ("tenant_id", "trace_id", "span_id"):
        assert inside[name] == access[name]


TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJmOGQxIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"  # noqa: S105 - a test's token
LEAKS = [
    ("body: %s", {"user_token": TOKEN, "tenant_id": "acme"}, TOKEN),
    ("body: %s", json.dumps({"user_token": TOKEN}), TOKEN),
    ("headers: %s", {"authorization": f"Bearer {TOKEN}"}, TOKEN),
    ("headers: %s", {"cookie": "kyros_session=c00kie-7f3a-secret"}, "c00kie-7f3a-secret"),
    ("login: %s", {"email": "analyst@client.example", "password": "hunter2-hunter2"}, "hunter2"),
    ("login of %s", "analyst@client.example", "analyst@client.example"),
    ("GET %s", "/reset?token=s3cr3t-reset-token&user=1", "s3cr3t-reset-token"),
    ("Basic: %s", "Authorization: Basic dXNlcjpodW50ZXIyLWh1bnRlcjI=", "dXNlcjpodW50ZXIy"),
]


@pytest.mark.parametrize(("message", "argument", "secret"), LEAKS)
def test_what_is_logged_by_accident_does_not_leak(
    seen: Captured, message: str, argument: object, secret: str
) -> None:
    """A token-exchange body, headers or credentials in a log statement leave no secret."""
    log.info(message, argument)
    log.info("as extra", extra={"body": argument})
    log.error("as error", exc_info=RuntimeError(message % (argument,)))
    kyros_obs.event("debugging", body=argument)
    kyros_obs.audit("reload_cache", body=argument)
    assert len(seen.lines) == 4
    seen.assert_no_leak(secret)


def test_token_exchange_that_logs_its_body(seen: Captured) -> None:
    """The platform's own accident: the whole request goes to the log, and no token with it."""
    app = FastAPI()

    @app.post("/api/token/exchange")
    def exchange(body: dict[str, str]) -> dict[str, str]:
        log.info("token exchange body: %s", body)
        return {"tenant_token": TOKEN}

    client = AsgiClient(kyros_obs.instrument(app))
    client.request("POST", f"/api/token/exchange?token={TOKEN}", json={"user_token": TOKEN})
    assert len(seen.lines) == 2
    seen.assert_no_leak(TOKEN, TOKEN.split(".")[1], TOKEN.split(".")[2])


def test_threads_write_whole_lines(seen: Captured) -> None:
    """Lines of many threads don't mix and none is lost."""

    def many(name: int) -> None:
        for number in range(200):
            log.info("line %d of %d", number, name)

    threads = [threading.Thread(target=many, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({line["message"] for line in seen.lines}) == 1600
    assert len({line["seq"] for line in seen.lines}) == 1600

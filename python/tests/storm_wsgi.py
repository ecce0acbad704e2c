"""The same storm in Flask, for gunicorn with threads."""

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import flask

import kyros_obs
from tests import storm
from tests.storm import Kind

#: How often each kind comes.
SHARES = {
    Kind("/token"): 4,
    Kind("/state"): 4,
    Kind("/bound", lines=1): 4,
    Kind("/pool", lines=1): 2,
    Kind("/stream", lines=2): 3,
    Kind("/body", method="POST"): 1,
    Kind("/broken", 500, raises=True): 1,
    Kind("/midway", 200, "aborted", lines=1, raises=True): 1,
}
KINDS = storm.interleaved(SHARES)
#: Seconds that one waits for a thread.
PATIENCE = 60

logger = logging.getLogger(__name__)
pool = ThreadPoolExecutor(2)


def asked() -> storm.Request:
    """Which one of the storm the current request is."""
    return storm.numbered(int(flask.request.query_string), KINDS)


def bind(one: storm.Request) -> None:
    """Say whose it is, if it is anybody's."""
    if one.tenant is not None:
        kyros_obs.bind(tenant_id=one.tenant, sub=one.sub)


def say(one: storm.Request) -> None:
    """Write a line, which says by itself whose it has to be."""
    logger.info("said", extra={"number": one.number})


def make_app() -> flask.Flask:
    """For gunicorn."""
    kyros_obs.configure()
    app = flask.Flask("storm")
    routes = (token, state, bound, in_pool, stream, body, broken, midway)
    for kind, route in zip(SHARES, routes, strict=True):
        app.add_url_rule(kind.path, view_func=route, methods=[kind.method])
    app.before_request(guard)
    app.after_request(name_worker)
    app.register_error_handler(500, lambda _error: (storm.BROKEN, 500))
    return kyros_obs.instrument(app)


def guard() -> None:
    """Leave in `g` what authentication has found."""
    one = asked() if flask.request.path == "/state" else None
    if one is not None and one.tenant is not None:
        flask.g.tenant_id, flask.g.user = one.tenant, {"sub": one.sub}


def name_worker(response: flask.Response) -> flask.Response:
    """Say who answers."""
    response.headers["x-worker"] = str(os.getpid())
    return response


def answer(one: storm.Request) -> flask.Response:
    """As many bytes as it has to be."""
    return flask.Response(b"x" * one.size)


def token() -> flask.Response:
    """A token says whose it is."""
    return answer(asked())


def state() -> flask.Response:
    """The guard does."""
    return answer(asked())


def bound() -> flask.Response:
    """The view does."""
    one = asked()
    bind(one)
    say(one)
    return answer(one)


def in_pool() -> flask.Response:
    """A thread that many requests share does."""
    one = asked()

    def work(*steps: Callable[[storm.Request], None]) -> None:
        for step in steps:
            step(one)

    pool.submit(copy_context().run, work, bind, say).result(PATIENCE)
    return answer(one)


def stream() -> flask.Response:
    """The answer does, in the middle of it."""
    one = asked()

    def chunks() -> Iterator[bytes]:
        yield b"x" * (one.size // 2)
        bind(one)
        say(one)
        yield b"x" * (one.size - one.size // 2)
        say(one)

    return flask.Response(chunks())


def body() -> flask.Response:
    """The view does, when it has read what was sent."""
    one = asked()
    assert len(flask.request.get_data()) == one.size
    bind(one)
    return answer(one)


def broken() -> flask.Response:
    """It raises."""
    bind(asked())
    raise RuntimeError("broken")


def midway() -> flask.Response:
    """It raises when it has begun to answer."""
    one = asked()

    def chunks() -> Iterator[bytes]:
        bind(one)
        say(one)
        yield b"x" * one.size
        raise RuntimeError("broken midway")

    return flask.Response(chunks())

"""uvicorn in a thread of the tests, and clients that do what libraries don't."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

DEADLINE = 30


@contextmanager
def served(app: Any, **options: Any) -> Iterator[int]:
    """Serve an application; the port it is at."""
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", **options)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(DEADLINE)


def until(is_so: Callable[[], object]) -> None:
    """Wait for what other threads do."""
    end = time.monotonic() + DEADLINE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def leave(port: int, head: str, body: bytes = b"", *, after: bytes = b"") -> None:
    """Send a request and hang up as soon as the answer has a text in it."""
    with socket.create_connection(("127.0.0.1", port), DEADLINE) as client:
        client.sendall(f"{head} HTTP/1.1\r\nhost: test\r\n".encode())
        if body:
            client.sendall(b"content-length: 1000\r\n")
        client.sendall(b"\r\n" + body)
        answer = b""
        while after not in answer:
            answer += client.recv(4096)

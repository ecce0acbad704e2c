"""Real servers of all kinds send the same bytes, with and without us."""

import json
import re
import socket
from pathlib import Path

import pytest

from tests.asking import REQUESTS
from tests.test_servers import DEADLINE, free_port, started

_UVICORN = "uvicorn --factory --port {port} --log-level critical"
_HYPERCORN = "hypercorn --bind 127.0.0.1:{port} --log-level critical"
_GRANIAN = "granian --factory --interface asgi --port {port} --no-log"

SERVERS = {
    "uvicorn httptools uvloop": f"{_UVICORN} --http httptools --loop uvloop {{app}}",
    "uvicorn h11 asyncio": f"{_UVICORN} --http h11 --loop asyncio {{app}}",
    "hypercorn asyncio": f"{_HYPERCORN} --worker-class asyncio {{app}}()",
    "hypercorn uvloop": f"{_HYPERCORN} --worker-class uvloop {{app}}()",
    "hypercorn trio": f"{_HYPERCORN} --worker-class trio {{app}}()",
    "granian asyncio": f"{_GRANIAN} --loop asyncio {{app}}",
    "granian uvloop": f"{_GRANIAN} --loop uvloop {{app}}",
}

#: Answers that time and chance have a part in, and a method that some servers refuse themselves.
LEFT_OUT = {"/session", "bytes=0-9, 20-29", "BREW"}


@pytest.mark.parametrize("server", SERVERS)
def test_bytes(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer, on a connection of its own; and each has its line."""
    monkeypatch.setenv("PYTHONHASHSEED", "0")  # by which FastAPI describes sets of methods
    bare = answers(SERVERS[server], "make_app", tmp_path / "bare")
    observed = answers(SERVERS[server], "make_observed", tmp_path / "observed")
    differing = {key: (bare[key], observed[key]) for key in bare if bare[key] != observed[key]}
    assert differing == {}
    assert sum(answer.startswith(b"HTTP/1.1 200 ") for answer in bare.values()) > len(bare) / 3
    written = (tmp_path / "observed" / "out").read_text().splitlines()
    lines = [json.loads(line) for line in written if line.startswith("{")]
    assert sum(line["event"] == "access" for line in lines) == len(bare)


def answers(command: str, factory: str, directory: Path) -> dict[str, bytes]:
    """What each request is answered by a server of that application."""
    directory.mkdir()
    port = free_port()
    words = command.format(port=port, app=f"tests.answering:{factory}").split()
    with started(words, port, directory) as server:
        found = {
            f"{method} {url} {headers} {chunks}": exchange(
                port, head(method, url, headers, chunks), b"".join(chunks)
            )
            for method, url, headers, chunks in REQUESTS
            if not LEFT_OUT & {method, url, headers.get("range")}
        }
        server.process.terminate()
        server.process.wait(DEADLINE)
    return found


def head(method: str, url: str, headers: dict[str, str], chunks: list[bytes]) -> bytes:
    """What a request begins with."""
    fields = {"host": "test", "connection": "close", **headers}
    if chunks:
        fields["content-length"] = str(sum(map(len, chunks)))
    lines = [f"{method} {url} HTTP/1.1", *(f"{name}: {text}" for name, text in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def exchange(port: int, *sent: bytes) -> bytes:
    """All that is answered, but for the time."""
    with socket.create_connection(("127.0.0.1", port), DEADLINE) as client:
        client.sendall(b"".join(sent))
        received = b""
        try:
            while chunk := client.recv(65536):
                received += chunk
        except ConnectionResetError:
            received += b"(reset)"
    return re.sub(rb"(?i)\r\ndate: [^\r]*", b"", received)

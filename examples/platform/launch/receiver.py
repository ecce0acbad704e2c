"""The team channel's stand-in: keeps each alert notification it is sent as one line of a file.

`python -m examples.platform.launch.receiver PORT FILE`
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from examples.platform.launch.ports import HOST


class Receiver(ThreadingHTTPServer):
    """A web server that appends the JSON bodies it is sent to a file."""

    def __init__(self, port: int, file: Path) -> None:
        super().__init__((HOST, port), _Notification)
        self.file = file


class _Notification(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        line = json.dumps(json.loads(self.rfile.read(length)))
        with self.server.file.open("a") as file:
            file.write(line + "\n")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Stay quiet; the file says it all."""


def notifications(file: Path) -> list[dict[str, object]]:
    """The notifications received so far, in their order."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


if __name__ == "__main__":
    Receiver(int(sys.argv[1]), Path(sys.argv[2])).serve_forever()

"""Who visits the zoo: what a browser, or a model, sends to an application of Dash."""

import json
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx

from tests.clients import target
from tests.dash.zoo import MODEL, PREFIX, TENANT

ACME = "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10"
TIMEOUT = 30


@dataclass(frozen=True)
class Click:
    """What runs a callback."""

    output: str
    outputs: Any
    inputs: Any

    @property
    def body(self) -> dict[str, Any]:
        """As the browser sends it."""
        given = self.inputs if isinstance(self.inputs, list) else [self.inputs]
        flat = [one for some in given for one in (some if isinstance(some, list) else [some])]
        changed = [f"{stringified(one['id'])}.{one['property']}" for one in flat]
        return {
            "output": self.output,
            "outputs": self.outputs,
            "inputs": given,
            "changedPropIds": changed,
        }


def click(*components: str, output: str | None = None, source: str = "go") -> Click:
    """A click on a button whose callback sets properties of components."""
    outputs = [target(*one.rsplit(".", 1)) for one in components]
    joined = f"..{'...'.join(components)}.." if len(components) > 1 else "".join(components)
    chosen: Any = outputs if len(outputs) != 1 else outputs[0]
    return Click(output or joined, chosen, given(source, "n_clicks", 1))


def given(component: object, name: str, value: object) -> dict[str, object]:
    """An input with its value."""
    return {"id": component, "property": name, "value": value}


def stringified(component: object) -> str:
    """An id as the browser writes it."""
    if isinstance(component, str):
        return component
    return json.dumps(component, sort_keys=True, separators=(",", ":"))


class Visitor:
    """A client of one server, for one tenant."""

    def __init__(self, port: int, tenant: str | None = ACME, prefix: str = PREFIX) -> None:
        """Say where the application is."""
        self.port = port
        self.prefix = prefix
        self.headers = {TENANT: tenant} if tenant else {}

    def get(self, path: str = "", headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Get something of the application."""
        return self.ask("GET", f"{self.prefix}{path}", headers={**self.headers, **(headers or {})})

    def click(self, clicked: Click, query: Mapping[str, str] | None = None) -> httpx.Response:
        """Run a callback."""
        url = f"{self.prefix}_dash-update-component"
        return self.ask("POST", url, json=clicked.body, headers=self.headers, params=query or {})

    def model(self, tool: str, arguments: dict[str, Any]) -> Any:
        """Run a callback as a model does."""
        call = {"name": tool, "arguments": arguments}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        return self.ask("POST", f"{self.prefix}{MODEL}", json=message, headers=self.headers).json()

    def tools(self) -> dict[str, str]:
        """The tools a model has, with what is said of each."""
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        answer = self.ask(
            "POST", f"{self.prefix}{MODEL}", json=message, headers=self.headers
        ).json()
        return {one["name"]: json.dumps(one) for one in answer["result"]["tools"]}

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request, on a connection of its own."""
        options.setdefault("timeout", TIMEOUT)
        return httpx.request(method, f"http://127.0.0.1:{self.port}{path}", **options)

    def counted(self, name: str, **labels: str) -> float:
        """What is counted under a name, in all series with these labels."""
        return sum(value for found, value in self.series(name) if labels.items() <= found.items())

    def series(self, name: str) -> Iterator[tuple[dict[str, str], float]]:
        """Series of a name: labels and value."""
        text = self.ask("GET", "/metrics").text
        for line in text.splitlines():
            match = re.fullmatch(rf"{name}(?:\{{(.*)\}})? (\S+)", line)
            if match:
                yield _labels(match[1] or ""), float(match[2])


def _labels(text: str) -> dict[str, str]:
    found = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', text)
    return {name: value.replace('\\"', '"').replace("\\\\", "\\") for name, value in found}


class Socket:
    """A browser's connection for callbacks by WebSocket."""

    def __init__(self, port: int, tenant: str = ACME) -> None:
        """Connect."""
        from wsproto import ConnectionType, WSConnection, events  # noqa: PLC0415 - Dash 3 has none

        self._events = events
        self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        headers = [
            (b"origin", f"http://127.0.0.1:{port}".encode()),
            (TENANT.encode(), tenant.encode()),
        ]
        path = f"{PREFIX}_dash-ws-callback"
        host = f"127.0.0.1:{port}"
        self._send(events.Request(host=host, target=path, extra_headers=headers))
        assert isinstance(self._next(), events.AcceptConnection)

    def click(self, clicked: Click) -> dict[str, Any]:
        """Run a callback and wait for its answer."""
        message = {
            "type": "callback_request",
            "requestId": "1",
            "rendererId": "r",
            "payload": clicked.body,
        }
        self._send(self._events.TextMessage(json.dumps(message)))
        while True:
            event = self._next()
            read = json.loads(event.data)
            for one in read if isinstance(read, list) else [read]:
                if one["type"] == "callback_response":
                    return dict(one["payload"])

    def close(self) -> None:
        """Leave."""
        self._send(self._events.CloseConnection(1000))
        self._socket.close()

    def _send(self, event: Any) -> None:
        self._socket.sendall(self._protocol.send(event))

    def _next(self) -> Any:
        while True:
            for event in self._protocol.events():
                return event
            self._protocol.receive_data(self._socket.recv(65536) or None)


def connected(port: int, tenant: str = ACME) -> "closing[Socket]":
    """A connection for as long as it is wanted."""
    return closing(Socket(port, tenant))

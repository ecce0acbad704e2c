"""Clients of applications under test: real ASGI and WSGI calls in this process."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import flask
import httpx


@dataclass
class AsgiClient:
    """Calls an ASGI application; what it raises beyond the response stays in the application."""

    app: Any
    root_path: str = ""
    peer: str = "127.0.0.1"
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Send a GET request."""
        return self.request("GET", path, **options)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request."""
        return self.together((method, path), **options)[0]

    def together(self, *requests: tuple[str, str], **options: Any) -> list[httpx.Response]:
        """Send requests at the same time."""
        return asyncio.run(self._together(requests, options))

    async def _together(
        self, requests: tuple[tuple[str, str], ...], options: dict[str, Any]
    ) -> list[httpx.Response]:
        transport = httpx.ASGITransport(
            app=self.app,
            raise_app_exceptions=False,
            root_path=self.root_path,
            client=(self.peer, 1234),
        )
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test", headers=self.headers
        ) as client:
            calls = [client.request(method, path, **options) for method, path in requests]
            return list(await asyncio.gather(*calls))


def trigger(
    server: flask.Flask,
    output: str,
    outputs: object,
    *inputs: tuple[object, str, object],
    prefix: str = "/",
    headers: Mapping[str, str] | None = None,
) -> Any:
    """Run a callback as the browser would: inputs are (component id, property, value)."""
    given = [{"id": one, "property": prop, "value": value} for one, prop, value in inputs]
    changed = [f"{_stringified(one)}.{prop}" for one, prop, _ in inputs]
    body = {"output": output, "outputs": outputs, "inputs": given, "changedPropIds": changed}
    url = f"{prefix}_dash-update-component"
    return call(server, url, "POST", json=body, headers=dict(headers or {}))


def call(server: flask.Flask, path: str, method: str = "GET", **options: Any) -> Any:
    """Send one request and read its response to the end, as a server does."""
    return server.test_client().open(path, method=method, buffered=True, **options)


def target(component: object, prop: str) -> dict[str, object]:
    """An output as the browser names it."""
    return {"id": component, "property": prop}


def _stringified(component: object) -> str:
    if isinstance(component, str):
        return component
    return json.dumps(component, sort_keys=True, separators=(",", ":"))

"""Routes of Quart applications, alone and mounted."""

import asyncio
from typing import Any

import httpx
import pytest
import quart
from fastapi import FastAPI

import kyros_obs
from kyros_obs.testing import Captured
from tests.clients import AsgiClient


def make_app() -> Any:
    """An application with one route."""
    app = quart.Quart(__name__)

    @app.get("/items/<int:item_id>")
    async def item(item_id: int) -> str:
        return str(item_id)

    return kyros_obs.instrument(app)


@pytest.mark.parametrize("root_path", ["", "/proxy"])
def test_a_proxys_prefix_is_in_no_label(seen: Captured, root_path: str) -> None:
    """As for FastAPI."""
    client = AsgiClient(make_app(), root_path=root_path)
    assert client.get(f"{root_path}/items/7").status_code == 200
    assert [line["route"] for line in seen.access_lines()] == ["/items/{item_id}"]


@pytest.mark.parametrize("root_path", ["", "/proxy"])
def test_mounted_below_a_parameter(seen: Captured, root_path: str) -> None:
    """The mounts' templates are in the label, never what was in their place."""
    outer = FastAPI()
    outer.mount("/of/{tenant}", make_app())
    client = AsgiClient(kyros_obs.instrument(outer), root_path=root_path)
    for tenant in ("acme", "globex"):
        assert client.get(f"{root_path}/of/{tenant}/items/7").status_code == 200
    assert [line["route"] for line in seen.access_lines()] == ["/of/{tenant}/items/{item_id}"] * 2


def test_nothing_is_left_for_the_next_request(seen: Captured) -> None:
    """An application context around all requests is shared by them."""
    app = make_app()

    async def guard() -> None:
        if "whose" in quart.request.headers:
            quart.g.tenant_id = quart.request.headers["whose"]

    app.before_request(guard)

    async def serve() -> None:
        transport = httpx.ASGITransport(app)
        async with app.app_context(), httpx.AsyncClient(transport=transport) as client:
            for headers in ({"whose": "acme"}, {}, {"whose": "globex"}, {}):
                await client.get("http://test/items/7", headers=headers)

    asyncio.run(serve())
    told = [line["tenant_id"] for line in seen.access_lines()]
    assert told == ["acme", None, "globex", None]

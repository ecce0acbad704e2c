"""The times of a request: to its first byte, to its last, and after that."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from fastapi import BackgroundTasks, FastAPI, Response
from fastapi.responses import StreamingResponse

import kyros_obs
from kyros_obs.testing import Captured
from tests.clients import AsgiClient

PAUSE = 0.05


def make_app() -> FastAPI:
    """Pauses before the first byte, before the last, and after it."""
    app = FastAPI()

    @app.get("/before")
    async def before() -> Response:
        await asyncio.sleep(PAUSE)
        return Response(b"x")

    @app.get("/between")
    async def between() -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"x"
            await asyncio.sleep(PAUSE)
            yield b"y"

        return StreamingResponse(chunks())

    @app.get("/after")
    async def after(tasks: BackgroundTasks) -> str:
        tasks.add_task(time.sleep, PAUSE)
        return "x"

    @app.get("/empty", status_code=204)
    async def empty() -> None:
        await asyncio.sleep(PAUSE)

    return app


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/before", (True, True, False)),
        ("/between", (False, True, False)),
        ("/after", (False, False, True)),
        ("/empty", (True, True, False)),
    ],
)
def test_where_the_time_went(seen: Captured, path: str, parts: tuple[bool, bool, bool]) -> None:
    """A pause is in the times that it belongs to. What it doesn't belong to is checked by order."""
    AsgiClient(kyros_obs.instrument(make_app())).get(path)
    first, last, background = (
        seen.metric(f"{name}_sum", endpoint=path)
        for name in (
            "http_time_to_first_byte_seconds",
            "http_request_duration_seconds",
            "http_background_seconds",
        )
    )
    assert first <= last
    assert seen.metric("http_time_to_first_byte_seconds_count", endpoint=path) == 1
    of_first, of_last, of_background = parts
    assert not of_first or first >= PAUSE
    assert not of_last or last >= PAUSE
    assert not of_background or background >= PAUSE
    assert of_first or not of_last or last - first >= PAUSE

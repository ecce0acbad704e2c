"""The application: `uvicorn examples.platform.api.app:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

import kyros_obs
from examples.platform import settings
from examples.platform.api import admin, dashboards, preferences, session, tenant
from examples.platform.api.auth import authenticate
from examples.platform.api.directory import Directory
from examples.platform.identity import TokenAuthority
from examples.platform.secrets_store import SecretsStore


def create_app() -> FastAPI:
    """Put the monolith together and have it observed."""
    app = FastAPI(title="kyros-api", lifespan=_lifespan)
    store = SecretsStore(settings.secrets_directory())
    app.state.authority = TokenAuthority(store)
    app.state.passwords = store.passwords()
    app.middleware("http")(authenticate)
    app.add_api_route("/healthz", healthz)
    for router in (session.router, tenant.router, dashboards.router, preferences.router):
        app.include_router(router, prefix="/api")
    app.include_router(admin.router, prefix="/admin")
    kyros_obs.instrument(app)
    return app


async def healthz() -> dict[str, str]:
    """Answer the availability probe."""
    return {"status": "ok"}


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = kyros_obs.instrument_sqlalchemy(
        create_async_engine(settings.database_url(), pool_size=4)
    )
    app.state.database = engine
    app.state.directory = Directory(engine)
    yield
    await engine.dispose()


kyros_obs.configure(service="kyros-api", env="demo")
app = create_app()

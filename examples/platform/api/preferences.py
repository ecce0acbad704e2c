"""Preferences of a user in a tenant, kept in Postgres."""

from fastapi import APIRouter, Request
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

import kyros_obs
from examples.platform.api.auth import Member

router = APIRouter()

TABLE = """
CREATE TABLE IF NOT EXISTS preferences (
    sub uuid NOT NULL,
    tenant_id uuid NOT NULL,
    document jsonb NOT NULL,
    PRIMARY KEY (sub, tenant_id)
)
"""
_SAVE = """
INSERT INTO preferences (sub, tenant_id, document) VALUES (%s, %s, %s)
ON CONFLICT (sub, tenant_id) DO UPDATE SET document = excluded.document
"""


class Preferences(BaseModel):
    """What a user may choose."""

    theme: str = "light"
    currency: str = "EUR"


@router.post("/preferences", status_code=204)
async def save_preferences(preferences: Preferences, request: Request, member: Member) -> None:
    """Save the caller's preferences."""
    database: AsyncConnectionPool = request.app.state.database
    document = Jsonb(preferences.model_dump())
    async with database.connection() as connection:
        await connection.execute(_SAVE, (member.sub, member.tenant_id, document))
    kyros_obs.event("save_preferences", outcome="success")

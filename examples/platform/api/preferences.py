"""Preferences of a user in a tenant, kept in Postgres."""

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

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
_SAVE = text("""
INSERT INTO preferences (sub, tenant_id, document)
VALUES (:sub, :tenant_id, CAST(:document AS jsonb))
ON CONFLICT (sub, tenant_id) DO UPDATE SET document = excluded.document
""")


class Preferences(BaseModel):
    """What a user may choose."""

    theme: str = "light"
    currency: str = "EUR"


@router.post("/preferences", status_code=204)
async def save_preferences(preferences: Preferences, request: Request, member: Member) -> None:
    """Save the caller's preferences."""
    database: AsyncEngine = request.app.state.database
    document = preferences.model_dump_json()
    row = {"sub": member.sub, "tenant_id": member.tenant_id, "document": document}
    async with database.begin() as connection:
        await connection.execute(_SAVE, row)
    kyros_obs.event("save_preferences", outcome="success")

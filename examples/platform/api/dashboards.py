"""The dashboards' data: guarded by a dependency, fast to read, slow to export."""

import asyncio
import logging
from dataclasses import asdict

from fastapi import APIRouter, HTTPException

from examples.platform.api.auth import CurrentTenant
from examples.platform.portfolio import lifetime_value, policies, value_at_risk
from examples.platform.tenants import CUSTOMER_LIFETIME_VALUE, RISK_ANALYSIS

log = logging.getLogger("kyros.dashboards")
router = APIRouter(prefix="/dashboards")

#: Over the latency objective on purpose, and over the alert's threshold.
EXPORT_SECONDS = 0.9


@router.get("/{slug}/data")
async def read_data(slug: str, tenant: CurrentTenant) -> dict[str, object]:
    """Answer what a dashboard shows first."""
    tenant_id = str(tenant.tenant_id)
    if slug == CUSTOMER_LIFETIME_VALUE:
        values = [round(lifetime_value(policy, 0.03), 2) for policy in policies(tenant_id)]
        return {"slug": slug, "values": values}
    if slug == RISK_ANALYSIS:
        return {"slug": slug, "value_at_risk": value_at_risk(tenant_id, tenant.email)}
    raise HTTPException(404, "no such dashboard")


@router.get("/{slug}/export")
async def export(slug: str, tenant: CurrentTenant) -> list[dict[str, object]]:
    """Answer a whole portfolio, slowly."""
    await asyncio.sleep(EXPORT_SECONDS)
    log.error("could not mail the export of %s to %s", slug, tenant.email)
    return [asdict(policy) for policy in policies(str(tenant.tenant_id))]

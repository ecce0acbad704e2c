"""A tenant's own data. The path names a tenant, the token proves one: they have to agree."""

from fastapi import APIRouter, HTTPException, Request

from examples.platform.api.auth import Member
from examples.platform.api.directory import Directory
from examples.platform.identity import Identity
from examples.platform.tenants import Tenant

router = APIRouter(prefix="/tenant")


@router.get("/{tenant_id}")
async def read_tenant(tenant_id: str, request: Request, member: Member) -> dict[str, str]:
    """Answer a tenant's name."""
    tenant = await _own(tenant_id, request, member)
    return {"id": tenant.id, "slug": tenant.slug, "name": tenant.name}


@router.get("/{tenant_id}/dashboards")
async def read_dashboards(tenant_id: str, request: Request, member: Member) -> list[str]:
    """Answer the dashboards open to a tenant."""
    tenant = await _own(tenant_id, request, member)
    directory: Directory = request.app.state.directory
    return await directory.dashboards(tenant.id)


async def _own(tenant_id: str, request: Request, member: Identity) -> Tenant:
    directory: Directory = request.app.state.directory
    tenant = await directory.tenant(tenant_id)
    if tenant is None or tenant_id != member.tenant_id:
        raise HTTPException(403, "not your tenant")
    return tenant

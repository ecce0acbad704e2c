"""Administration: every change is an audit row of the administrator, in the tenant worked in."""

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel

import kyros_obs
from examples.platform.api.auth import Administrator
from examples.platform.api.directory import Directory, SlugTakenError
from examples.platform.identity import TokenAuthority
from examples.platform.tenants import Tenant

router = APIRouter()


class NewTenant(BaseModel):
    """A tenant to be."""

    slug: str
    name: str


class TenantChange(BaseModel):
    """A tenant's new name."""

    name: str


class Assignment(BaseModel):
    """A dashboard to open."""

    dashboard: str


@router.post("/tenants", status_code=201)
async def create_tenant(new: NewTenant, request: Request, _by: Administrator) -> dict[str, str]:
    """Create a tenant."""
    try:
        tenant = await _directory(request).create(new.slug, new.name)
    except SlugTakenError:
        raise HTTPException(409, "another tenant has this slug") from None
    kyros_obs.audit("create_tenant", resource=f"tenants/{tenant.slug}")
    return {"id": tenant.id}


@router.put("/tenants/{tenant_id}")
async def update_tenant(
    tenant_id: str, change: TenantChange, request: Request, _by: Administrator
) -> dict[str, str]:
    """Rename a tenant."""
    known = await _tenant(tenant_id, request)
    tenant = await _directory(request).rename(known, change.name)
    kyros_obs.audit("update_tenant", resource=f"tenants/{tenant.slug}", name=change.name)
    return {"id": tenant.id, "name": tenant.name}


@router.post("/tenants/{tenant_id}/dashboards")
async def assign_dashboard(
    tenant_id: str, assignment: Assignment, request: Request, _by: Administrator
) -> list[str]:
    """Open a dashboard to a tenant."""
    tenant = await _tenant(tenant_id, request)
    dashboards = await _directory(request).assign(tenant, assignment.dashboard)
    resource = f"tenants/{tenant.slug}/dashboards/{assignment.dashboard}"
    kyros_obs.audit("assign_dashboard", resource=resource)
    return dashboards


@router.post("/rotate-secret")
async def rotate_secret(request: Request, _by: Administrator) -> dict[str, str]:
    """Sign tokens with a new key from now on."""
    authority: TokenAuthority = request.app.state.authority
    key_id = authority.rotate()
    kyros_obs.audit("rotate_secret", resource="signing-key", key_id=key_id)
    return {"key_id": key_id}


@router.post("/reload-cache", status_code=204)
async def reload_cache(request: Request, _by: Administrator) -> None:
    """Have all workers read the tenants anew."""
    await _directory(request).reload()
    kyros_obs.audit("reload_cache", resource="tenants")


def _directory(request: Request) -> Directory:
    directory: Directory = request.app.state.directory
    return directory


async def _tenant(tenant_id: str, request: Request) -> Tenant:
    tenant = await _directory(request).tenant(tenant_id)
    if tenant is None:
        raise HTTPException(404, "no such tenant")
    return tenant

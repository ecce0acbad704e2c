"""Tenants and their dashboards, as the administrators last left them."""

import uuid
from dataclasses import replace

from examples.platform.tenants import DASHBOARDS, TENANTS, Tenant


class Directory:
    """The tenants by id, and the dashboards assigned to each."""

    def __init__(self) -> None:
        self._tenants: dict[str, Tenant] = {}
        self._dashboards: dict[str, list[str]] = {}
        self.reload()

    def reload(self) -> None:
        """Go back to the tenants the platform was set up with."""
        self._tenants = {tenant.id: tenant for tenant in TENANTS}
        self._dashboards = {tenant.id: list(DASHBOARDS) for tenant in TENANTS}

    def tenant(self, tenant_id: str) -> Tenant | None:
        """Look a tenant up."""
        return self._tenants.get(tenant_id)

    def dashboards(self, tenant_id: str) -> list[str]:
        """List the dashboards of a tenant."""
        return self._dashboards.get(tenant_id, [])

    def create(self, slug: str, name: str) -> Tenant:
        """Add a tenant that has no dashboards yet."""
        tenant = Tenant(str(uuid.uuid4()), slug, name)
        self._tenants[tenant.id] = tenant
        self._dashboards[tenant.id] = []
        return tenant

    def rename(self, tenant: Tenant, name: str) -> Tenant:
        """Give a tenant another name."""
        renamed = replace(tenant, name=name)
        self._tenants[tenant.id] = renamed
        return renamed

    def assign(self, tenant: Tenant, dashboard: str) -> list[str]:
        """Open a dashboard to a tenant; answers all that are open."""
        dashboards = self._dashboards[tenant.id]
        if dashboard not in dashboards:
            dashboards.append(dashboard)
        return dashboards

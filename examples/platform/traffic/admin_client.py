"""What administrators do, and the audit row that each change has to leave behind."""

import httpx

from examples.platform.tenants import RISK_ANALYSIS
from examples.platform.traffic.client import Expected, ServiceClient
from examples.platform.traffic.ledger import AuditKey
from examples.platform.traffic.members import Member

_TENANTS = "/admin/tenants"


class AdminClient:
    """A client of the monolith's internal routes."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    def administrate(self, admin: Member, slug: str) -> None:
        """Create a tenant, rename it, open a dashboard to it, rotate the key, reload."""
        self._change(admin, "rotate_secret", "signing-key", "POST", "/admin/rotate-secret")
        tenant_id = self._create(admin, slug)
        self._rename(admin, tenant_id, slug)
        self._assign(admin, tenant_id, slug)
        self._change(admin, "reload_cache", "tenants", "POST", "/admin/reload-cache", code=204)

    def _create(self, admin: Member, slug: str) -> str:
        body = {"slug": slug, "name": slug.title()}
        resource = f"tenants/{slug}"
        answer = self._change(admin, "create_tenant", resource, "POST", _TENANTS, body, code=201)
        return str(answer.json()["id"])

    def _rename(self, admin: Member, tenant_id: str, slug: str) -> None:
        template = f"{_TENANTS}/{{tenant_id}}"
        path = template.format(tenant_id=tenant_id)
        body = {"name": slug.upper()}
        resource = f"tenants/{slug}"
        self._change(admin, "update_tenant", resource, "PUT", path, body, template=template)

    def _assign(self, admin: Member, tenant_id: str, slug: str) -> None:
        template = f"{_TENANTS}/{{tenant_id}}/dashboards"
        path = template.format(tenant_id=tenant_id)
        body = {"dashboard": RISK_ANALYSIS}
        resource = f"tenants/{slug}/dashboards/{RISK_ANALYSIS}"
        self._change(admin, "assign_dashboard", resource, "POST", path, body, template=template)

    def _change(  # noqa: PLR0913 — a change is what it is
        self,
        admin: Member,
        action: str,
        resource: str,
        method: str,
        path: str,
        body: object = None,
        *,
        template: str | None = None,
        code: int = 200,
    ) -> httpx.Response:
        """Make a change and enter the audit row it has to leave."""
        expected = Expected(template or path, code, admin.tenant.id)
        response = self._service.by(admin, method, path, expected, body)
        user = admin.user
        self._service.ledger.audited(
            AuditKey(
                self._service.service,
                action,
                "success",
                resource,
                admin.tenant.id,
                user.sub,
                user.email,
            )
        )
        return response

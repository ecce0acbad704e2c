"""What users do with the monolith, step by step, and what each step has to leave behind."""

from examples.platform.tenants import CUSTOMER_LIFETIME_VALUE, RISK_ANALYSIS, Tenant, User
from examples.platform.traffic.client import Expected, ServiceClient
from examples.platform.traffic.ledger import NO_TENANT, UNMATCHED, AuditKey, EventKey, Ledger
from examples.platform.traffic.members import Member

_LOGIN = "/api/auth/login"
_EXCHANGE = "/api/token/exchange"
_DATA = "/api/dashboards/{slug}/data"
_EXPORT = "/api/dashboards/{slug}/export"


class ApiClient:
    """A client of `kyros-api`."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    @property
    def ledger(self) -> Ledger:
        """The books."""
        return self._service.ledger

    def probe(self) -> None:
        """Ask for the service's health."""
        self._service.request("GET", "/healthz", Expected("/healthz"))

    def login(self, user: User, password: str) -> tuple[str, str]:
        """Log in; answers the user token and the session cookie."""
        self.ledger.secret(password, "a password")
        body = {"email": user.email, "password": password}
        response = self._service.request("POST", _LOGIN, Expected(_LOGIN), body=body)
        self._happened("login", "success", None, user)
        cookie = self.ledger.secret(response.cookies["kyros_session"], "a session cookie")
        return self.ledger.secret(response.json()["user_token"], "a user token"), cookie

    def fail_login(self, user: User, password: str) -> None:
        """Log in with a wrong password."""
        self.ledger.secret(password, "a wrong password")
        body = {"email": user.email, "password": password}
        self._service.request("POST", _LOGIN, Expected(_LOGIN, 401), body=body)
        self._happened("login", "failure", None, None, "login_failed")

    def exchange(
        self, user: User, user_token: str, tenant: Tenant, previous: Member | None = None
    ) -> str:
        """Exchange a user token for a tenant token; a previous tenant's token makes it a switch."""
        body = {"user_token": user_token, "tenant_id": tenant.id}
        token = previous.token if previous else None
        expected = Expected(_EXCHANGE, 200, tenant.id)
        response = self._service.request("POST", _EXCHANGE, expected, body=body, token=token)
        self._happened("token_exchange", "success", tenant, user)
        if previous and previous.tenant != tenant:
            self._happened("switch_tenant", "success", tenant, user)
        return self.ledger.secret(response.json()["tenant_token"], "a tenant token")

    def exchange_foreign(self, member: Member, tenant: Tenant) -> None:
        """Ask for a token of a tenant that the user is no member of."""
        body = {"user_token": member.user_token, "tenant_id": tenant.id}
        self._service.request("POST", _EXCHANGE, Expected(_EXCHANGE, 403), body=body)
        self._happened("token_exchange", "failure", None, member.user)

    def look_around(self, member: Member) -> None:
        """Ask who one is, for the tenant, and for its dashboards."""
        own = Expected("/api/me", 200, member.tenant.id)
        self._service.by(
            member, "GET", f"/api/me?access_token={member.token}&mail={member.user.email}", own
        )
        self._service.request("GET", "/api/me", Expected("/api/me"), token=member.user_token)
        tenant, template = f"/api/tenant/{member.tenant.id}", "/api/tenant/{tenant_id}"
        self._service.by(member, "GET", tenant, Expected(template, 200, member.tenant.id))
        expected = Expected(f"{template}/dashboards", 200, member.tenant.id)
        self._service.by(member, "GET", f"{tenant}/dashboards", expected)

    def read_data(self, member: Member, slug: str, code: int = 200) -> None:
        """Read a dashboard's data."""
        path = f"/api/dashboards/{slug}/data"
        self._service.by(member, "GET", path, Expected(_DATA, code, member.tenant.id))

    def fail_data(self, member: Member) -> None:
        """Read the data that are damaged."""
        self.read_data(member, RISK_ANALYSIS, 500)

    def export(self, member: Member) -> None:
        """Export a portfolio, which is slow."""
        path = f"/api/dashboards/{CUSTOMER_LIFETIME_VALUE}/export"
        self._service.by(member, "GET", path, Expected(_EXPORT, 200, member.tenant.id))

    def save_preferences(self, member: Member, theme: str) -> None:
        """Save preferences."""
        expected = Expected("/api/preferences", 204, member.tenant.id)
        self._service.by(member, "POST", "/api/preferences", expected, {"theme": theme})
        self._happened("save_preferences", "success", member.tenant, member.user)

    def stray(self, member: Member, tenant: Tenant) -> None:
        """Ask for what is not there, and for what is another tenant's."""
        mistyped = f"/api/unknown/{member.user.email}"
        self._service.by(member, "GET", mistyped, Expected(UNMATCHED, 404, member.tenant.id))
        expected = Expected("/api/tenant/{tenant_id}", 403, member.tenant.id)
        self._service.by(member, "GET", f"/api/tenant/{tenant.id}", expected)
        if member.role != "admin":
            expected = Expected("/admin/reload-cache", 403, member.tenant.id)
            self._service.by(member, "POST", "/admin/reload-cache", expected)

    def reject(self, token: str | None) -> None:
        """Come with no token, or with one that is none, by either way it is checked."""
        if token:
            self.ledger.secret(token, "a rejected token")
        self._service.request("GET", "/api/me", Expected(UNMATCHED, 401), token=token)
        path = f"/api/dashboards/{CUSTOMER_LIFETIME_VALUE}/data"
        self._service.request("GET", path, Expected(_DATA, 401), token=token)

    def _happened(
        self,
        event: str,
        outcome: str,
        tenant: Tenant | None,
        user: User | None,
        action: str | None = None,
    ) -> None:
        """Enter an event, its log line and the audit row that belongs to it."""
        service, tenant_id = self._service.service, tenant.id if tenant else None
        self.ledger.event(EventKey(service, event, outcome, tenant_id or NO_TENANT))
        sub, email = (user.sub, user.email) if user else (None, None)
        key = AuditKey(service, action or event, outcome, None, tenant_id, sub, email)
        self.ledger.audited(key)

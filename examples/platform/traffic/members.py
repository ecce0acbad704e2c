"""A user at work in a tenant, with the token and the cookie of the session."""

from dataclasses import dataclass

from examples.platform.tenants import Tenant, User


@dataclass(frozen=True)
class Member:
    """A user in one tenant."""

    user: User
    tenant: Tenant
    user_token: str
    token: str
    cookie: str

    @property
    def role(self) -> str:
        """The user's role in the tenant."""
        return self.user.roles[self.tenant.slug]

"""All users, signed in, and the clients of the services they use."""

import secrets
from collections.abc import Mapping
from types import MappingProxyType

from examples.platform.identity import TokenAuthority
from examples.platform.secrets_store import SecretsStore
from examples.platform.tenants import (
    CUSTOMER_LIFETIME_VALUE,
    RISK_ANALYSIS,
    TENANT_BY_SLUG,
    TENANTS,
    USERS,
    Tenant,
    User,
)
from examples.platform.traffic.admin_client import AdminClient
from examples.platform.traffic.api_client import ApiClient
from examples.platform.traffic.client import ServiceClient
from examples.platform.traffic.dash_client import DashClient
from examples.platform.traffic.gate import Gate
from examples.platform.traffic.ledger import Ledger
from examples.platform.traffic.members import Member


class Users:
    """Everybody of the platform. `addresses` are the services' base URLs by their names.

    `gates` are in front of the services that they name.
    """

    def __init__(
        self,
        addresses: Mapping[str, str],
        store: SecretsStore,
        ledger: Ledger,
        gates: Mapping[str, Gate] = MappingProxyType({}),
    ) -> None:
        clients = {
            name: ServiceClient(name, url, ledger, gates.get(name) or Gate())
            for name, url in addresses.items()
        }
        self.api = ApiClient(clients["kyros-api"])
        self.admin = AdminClient(clients["kyros-api"])
        self.clv = DashClient(clients["dash-app-clv"], CUSTOMER_LIFETIME_VALUE)
        self.risk = DashClient(clients["dash-app-risk"], RISK_ANALYSIS)
        self._passwords = store.passwords()
        self._authority = TokenAuthority(store)
        self.members: list[Member] = []

    def sign_in(self) -> None:
        """Log everybody in to every tenant open to them; to be repeated before tokens end."""
        self.api.probe()
        self.members = [member for user in USERS for member in self._memberships(user)]

    def expired_token(self) -> str:
        """A token that was good an hour ago."""
        user, tenant = USERS[0], TENANTS[0]
        return self._authority.tenant_token(user, tenant, seconds=-3600)

    @staticmethod
    def foreign_token() -> str:
        """A token that nobody here has signed."""
        return ".".join(secrets.token_urlsafe(size) for size in (24, 90, 32))

    def _memberships(self, user: User) -> list[Member]:
        user_token, cookie = self.api.login(user, self._passwords[user.email])
        members: list[Member] = []
        for slug in user.roles:
            members.append(self._enter(user, TENANT_BY_SLUG[slug], user_token, cookie, members))
        return members

    def _enter(
        self, user: User, tenant: Tenant, user_token: str, cookie: str, earlier: list[Member]
    ) -> Member:
        previous = earlier[-1] if earlier else None
        token = self.api.exchange(user, user_token, tenant, previous)
        return Member(user, tenant, user_token, token, cookie)

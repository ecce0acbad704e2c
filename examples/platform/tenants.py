"""The tenants, their users and their dashboards.

Addresses end in `.example`, so that no mail can ever reach anybody.
"""

from dataclasses import dataclass

CUSTOMER_LIFETIME_VALUE = "customer-lifetime-value"
RISK_ANALYSIS = "risk-analysis"
DASHBOARDS = (CUSTOMER_LIFETIME_VALUE, RISK_ANALYSIS)


@dataclass(frozen=True)
class Tenant:
    """A client of the platform."""

    id: str
    slug: str
    name: str


@dataclass(frozen=True)
class User:
    """A person, and the role held in each tenant (by slug)."""

    sub: str
    email: str
    roles: dict[str, str]


NORTHWIND = Tenant("8e1b3d5b-64c1-4f0e-9a57-0c1f2b7d9a11", "northwind-mutual", "Northwind Mutual")
ATLAS = Tenant("1f7c2a90-52de-4b8b-8d13-6a0e4c95b722", "atlas-life", "Atlas Life")
BOREAL = Tenant("c3a9e6d4-0b7f-47f2-b1a8-95d2e81f6033", "boreal-re", "Boreal Re")
TENANTS = (NORTHWIND, ATLAS, BOREAL)

USERS = (
    User(
        "f8d1a2b3-0001-4c6e-8f10-aa0000000001",
        "ana.silva@northwind.example",
        {"northwind-mutual": "viewer"},
    ),
    User(
        "f8d1a2b3-0002-4c6e-8f10-aa0000000002",
        "tom.berg@northwind.example",
        {"northwind-mutual": "uploader"},
    ),
    User(
        "f8d1a2b3-0003-4c6e-8f10-aa0000000003",
        "mei.chen@atlas.example",
        {"atlas-life": "viewer"},
    ),
    User(
        "f8d1a2b3-0004-4c6e-8f10-aa0000000004",
        "lars.holm@boreal.example",
        {"boreal-re": "viewer"},
    ),
    User(
        "f8d1a2b3-0005-4c6e-8f10-aa0000000005",
        "iris.novak@consulting.example",
        {"northwind-mutual": "viewer", "atlas-life": "viewer", "boreal-re": "uploader"},
    ),
    User(
        "f8d1a2b3-0006-4c6e-8f10-aa0000000006",
        "olga.reyes@kyros.example",
        {"northwind-mutual": "admin", "atlas-life": "admin", "boreal-re": "admin"},
    ),
)

TENANT_BY_ID = {tenant.id: tenant for tenant in TENANTS}
TENANT_BY_SLUG = {tenant.slug: tenant for tenant in TENANTS}
USER_BY_EMAIL = {user.email: user for user in USERS}

#: The tenant whose risk data are damaged: its valuations fail, everybody else's work.
DAMAGED = BOREAL

"""The tenants' business data: small portfolios, the same in every run."""

import random
from dataclasses import dataclass

from examples.platform.tenants import DAMAGED

SEGMENTS = ("private", "commercial", "public")


class DamagedPortfolioError(ValueError):
    """A portfolio that can't be valued."""


@dataclass(frozen=True)
class Policy:
    """One insurance policy: amounts in euros, `loss_ratio` between 0 and 1."""

    number: int
    segment: str
    premium: float
    years: int
    loss_ratio: float


def policies(tenant_id: str, segment: str | None = None) -> list[Policy]:
    """The policies of a tenant, of one segment or of all."""
    draw = random.Random(tenant_id)  # noqa: S311 — sample data, no secret
    count = 40 + draw.randrange(40)
    portfolio = [
        Policy(
            number=number,
            segment=draw.choice(SEGMENTS),
            premium=round(draw.uniform(200, 9000), 2),
            years=draw.randrange(1, 25),
            loss_ratio=round(draw.uniform(0.2, 0.95), 3),
        )
        for number in range(count)
    ]
    return [policy for policy in portfolio if segment in {None, policy.segment}]


def lifetime_value(policy: Policy, discount: float) -> float:
    """The present value of a policy's margin over its years, in euros."""
    margin = policy.premium * (1 - policy.loss_ratio)
    return sum(margin / (1 + discount) ** year for year in range(policy.years))


def value_at_risk(tenant_id: str, email: str, level: float = 0.95) -> float:
    """The loss that is not exceeded at a level, in euros.

    The error of a damaged portfolio names the user, as errors of real systems do.
    """
    if tenant_id == DAMAGED.id:
        message = f"portfolio checksum differs, owner {email} has to upload it again"
        raise DamagedPortfolioError(message)
    losses = sorted(policy.premium * policy.loss_ratio for policy in policies(tenant_id))
    return losses[int(level * (len(losses) - 1))]

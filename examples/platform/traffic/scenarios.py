"""What users do all day, as shuffled steps: the same for the same seed.

`calm` is ordinary work, with the slow endpoint and refused callers in ordinary measure. `breach` is
what alerts are for: the damaged tenant insists, exports pile up, somebody guesses passwords.
"""

import random
import secrets
from collections.abc import Callable, Iterator
from functools import partial

from examples.platform.tenants import (
    CUSTOMER_LIFETIME_VALUE,
    DAMAGED,
    RISK_ANALYSIS,
    TENANTS,
    USERS,
)
from examples.platform.traffic.dash_client import DashClient, Trigger
from examples.platform.traffic.members import Member
from examples.platform.traffic.users import Users

Step = Callable[[], object]

#: Rounds of calm work between two failed logins: few enough for any sensible threshold.
_ROUNDS_PER_TYPO = 4


class Scenarios:
    """The steps of users, drawn from a seeded source."""

    def __init__(self, users: Users, seed: int) -> None:
        self._users = users
        self._draw = random.Random(seed)  # noqa: S311 — a schedule, no secret
        self._rounds = 0

    def calm(self) -> list[Step]:
        """One round of ordinary work of everybody, in which no alert may fire."""
        self._rounds += 1
        steps = [step for member in self._users.members for step in self._work(member)]
        steps += [partial(self._users.api.export, self._draw.choice(self._users.members))]
        member = self._draw.choice(self._users.members)
        steps += [partial(self._users.api.exchange, member.user, member.user_token, member.tenant)]
        steps += self._refused()
        self._draw.shuffle(steps)
        return steps

    def breach(self) -> list[Step]:
        """One round in which every alert of the services is given a reason."""
        users, damaged = self._users, self._damaged()
        steps = [step for member in users.members for step in self._reading(member)]
        steps += [partial(users.api.export, self._draw.choice(users.members)) for _ in range(8)]
        steps += [partial(users.api.fail_data, self._draw.choice(damaged)) for _ in range(4)]
        steps += [partial(fail_callbacks, users.risk, member) for member in damaged]
        steps += [partial(users.api.fail_login, USERS[0], _password()) for _ in range(6)]
        self._draw.shuffle(steps)
        return steps

    def _work(self, member: Member) -> Iterator[Step]:
        users = self._users
        yield from self._reading(member)
        yield partial(users.clv.open_page, member, self._draw.choice(("", "scenarios", "cohorts")))
        yield partial(work_on_values, users.clv, member, self._draw.randrange(3))
        yield partial(users.risk.open_page, member, self._draw.choice(("", "tail")))
        yield partial(work_on_risk, users.risk, member)
        yield partial(users.api.save_preferences, member, self._draw.choice(("light", "dark")))

    def _reading(self, member: Member) -> Iterator[Step]:
        yield partial(self._users.api.look_around, member)
        yield partial(self._users.api.read_data, member, CUSTOMER_LIFETIME_VALUE)
        if member.tenant != DAMAGED:
            yield partial(self._users.api.read_data, member, RISK_ANALYSIS)

    def _refused(self) -> Iterator[Step]:
        """Callers with no, foreign or expired tokens, guests in other tenants, typing errors."""
        users = self._users
        for token in (None, users.foreign_token(), users.expired_token()):
            yield partial(users.api.reject, token)
            yield partial(users.clv.reject, token)
        stranger = next(member for member in users.members if len(member.user.roles) == 1)
        other = next(tenant for tenant in TENANTS if tenant != stranger.tenant)
        yield partial(users.api.stray, stranger, other)
        yield partial(users.api.exchange_foreign, stranger, other)
        admin = self._draw.choice([member for member in users.members if member.role == "admin"])
        yield partial(users.admin.administrate, admin, f"tenant-{self._rounds}")
        if self._rounds % _ROUNDS_PER_TYPO == 1:
            yield partial(users.api.fail_login, self._draw.choice(USERS), _password())

    def _damaged(self) -> list[Member]:
        return [member for member in self._users.members if member.tenant == DAMAGED]


def work_on_values(clv: DashClient, member: Member, cohort: int) -> None:
    """Use every callback of the customer-lifetime-value application."""
    segment = {"segment.value": "private"}
    clv.trigger(member, Trigger("value-graph.figure", segment))
    clv.trigger(
        member, Trigger("total.children average.children", {**segment, "horizon.value": 10})
    )
    discount = {"discount.value": 0.05}
    clicks = {"recalculate.n_clicks": 1}
    clv.trigger(member, Trigger("scenario.children", clicks, discount))
    none = {"recalculate.n_clicks": None}
    clv.trigger(member, Trigger("scenario.children", none, discount, "prevent_update"))
    clv.trigger(member, Trigger("note.children", discount))
    years = f'{{"index":{cohort},"type":"cohort-years"}}.value'
    output = f'{{"index":{cohort},"type":"cohort"}}.children'
    clv.trigger(member, Trigger(output, {years: 5}))


def work_on_risk(risk: DashClient, member: Member) -> None:
    """Use the callbacks of the risk-analysis application that work for everybody."""
    segment = {"segment.value": "commercial"}
    risk.trigger(member, Trigger("policies.children", segment))
    risk.trigger(member, Trigger("exposure-graph.figure", segment))
    risk.trigger(member, Trigger("premium.children worst-ratio.children", segment))
    limits = {'{"index":"ALL","type":"limit"}.value': {"private": 0.5, "public": 0.6}}
    risk.trigger(member, Trigger("breaches.children", limits))
    risk.trigger(member, Trigger("detail.children", {"details.n_clicks": 1}))
    none = {"details.n_clicks": None}
    risk.trigger(member, Trigger("detail.children", none, outcome="prevent_update"))
    if member.tenant != DAMAGED:
        risk.trigger(member, Trigger("value-at-risk.children", {"level.value": 0.9}))
        risk.trigger(member, Trigger("stress-graph.figure", {"level.value": 0.9}))


def fail_callbacks(risk: DashClient, member: Member) -> None:
    """Use the callbacks that fail for the damaged tenant: one shows it, one hides it."""
    level = {"level.value": 0.95}
    risk.trigger(member, Trigger("value-at-risk.children", level, outcome="error"))
    risk.trigger(member, Trigger("stress-graph.figure", level, outcome="handled"))


def _password() -> str:
    return secrets.token_urlsafe(15)

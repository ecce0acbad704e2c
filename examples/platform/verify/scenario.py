"""The calm, the kills and the breach: what is played, and which alerts were seen."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg

from examples.platform.launch.receiver import notifications
from examples.platform.launch.stack import Stack
from examples.platform.traffic.driver import Driver, after
from examples.platform.traffic.gate import Gate
from examples.platform.traffic.ledger import Ledger
from examples.platform.traffic.scenarios import Scenarios
from examples.platform.traffic.users import Users
from examples.platform.verify.evidence import AlertHistory
from examples.platform.verify.kills import Death, Killer

#: The alerts that the breach gives a reason for.
BREACHED = frozenset({"HttpErrorRatioHigh", "HttpLatencyP95High", "LoginFailuresHigh"})

_STEPS_PER_SECOND = 14.0
_CALM_SECONDS = 45.0
#: For the workers in the killed ones' places to show that they work.
_RECOVERY_SECONDS = 6.0
_BREACH_SECONDS = 100.0
#: An orphaned audit spool is looked for twice a minute.
_SETTLE_SECONDS = 45.0


def play(
    stack: Stack, ledger: Ledger, seed: int, announce: Callable[[str], None]
) -> tuple[AlertHistory, list[Death]]:
    """Play all, and wait until every trace of it has arrived where it belongs."""
    addresses = {service.name: service.url for service in stack.services}
    gates = {name: Gate() for name in addresses}
    users = Users(addresses, stack.store, ledger, gates)
    users.sign_in()
    driver = Driver(ledger, _STEPS_PER_SECOND)
    scenarios = Scenarios(users, seed)
    announce(f"calm traffic for {_CALM_SECONDS:.0f} s")
    driver.play(scenarios.calm, after(_CALM_SECONDS))
    calm = _ever_firing(stack), _notified(stack)
    announce("kill -9 for a worker of each service, in the midst of the traffic")
    bystanders = Users(addresses, stack.store, ledger)
    bystanders.members = users.members
    deaths = _kill(stack, driver, scenarios, Killer(stack.database, bystanders, gates))
    announce(f"breach, until {len(BREACHED)} alerts have reached the team channel")
    driver.play(scenarios.breach, _any_of(after(_BREACH_SECONDS), _all_notified(stack)))
    breach = _ever_firing(stack)
    announce("waiting for the last scrape and the last audit row")
    _settle(stack, ledger, deaths)
    return AlertHistory(*calm, breach), deaths


def _kill(stack: Stack, driver: Driver, scenarios: Scenarios, killer: Killer) -> list[Death]:
    """Kill a worker of each service while users go about their ordinary work."""
    done = threading.Event()
    with ThreadPoolExecutor(1) as background:
        traffic = background.submit(driver.play, scenarios.calm, done.is_set)
        try:
            deaths = [killer.kill(service) for service in stack.services]
            time.sleep(_RECOVERY_SECONDS)
        finally:
            done.set()
            traffic.result()
    return deaths


def _ever_firing(stack: Stack) -> set[str]:
    """The alerts that fired at any time so far."""
    fired = stack.prometheus.query('count_over_time(ALERTS{alertstate="firing"}[10m])')
    return {labels["alertname"] for labels, _ in fired}


def _notified(stack: Stack) -> set[str]:
    return {
        str(alert["labels"]["alertname"])
        for notification in notifications(stack.notifications)
        for alert in notification["alerts"]  # type: ignore[attr-defined]
    }


def _all_notified(stack: Stack) -> Callable[[], bool]:
    return lambda: _notified(stack) >= BREACHED


def _any_of(*conditions: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: any(condition() for condition in conditions)


def _settle(stack: Stack, ledger: Ledger, deaths: list[Death]) -> None:
    """Wait for more scrapes of everything, all audit rows, and the end of the dead ones' spools."""
    done = after(_SETTLE_SECONDS)
    scraped = _scrapes(stack)
    while not done() and not (
        _scrapes(stack) >= scraped + 3
        and _audited(stack) >= ledger.audited_rows
        and not any(death.victim.home.exists() for death in deaths)
    ):
        time.sleep(0.5)


def _scrapes(stack: Stack) -> float:
    """How often the least scraped service has been scraped."""
    counts = stack.prometheus.query('min(count_over_time(up{job="services"}[10m]))')
    return counts[0][1] if counts else 0.0


def _audited(stack: Stack) -> int:
    with psycopg.connect(stack.database.dsn) as connection:
        row = connection.execute("SELECT count(*) FROM audit_logs").fetchone()
    return int(row[0]) if row else 0

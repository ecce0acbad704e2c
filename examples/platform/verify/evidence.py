"""What the checks look at: the run's books, its sinks and the ways to ask its servers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from examples.platform.launch.stack import Stack
from examples.platform.prometheus_api import PrometheusApi
from examples.platform.traffic.ledger import Ledger
from examples.platform.verify.kills import Death
from examples.platform.vocabulary import Vocabulary


@dataclass(frozen=True)
class AlertHistory:
    """Names of alerts: pending or firing in the calm, firing in the breach."""

    in_calm: set[str] = field(default_factory=set)
    notified_in_calm: set[str] = field(default_factory=set)
    in_breach: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Evidence:
    """One run, after the traffic has ended and the last scrape is done."""

    stack: Stack
    ledger: Ledger
    prometheus: PrometheusApi
    vocabulary: Vocabulary
    alerts: AlertHistory
    deaths: Sequence[Death]

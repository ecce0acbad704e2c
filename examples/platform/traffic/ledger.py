"""The driver's own books: what was asked for and what came back, counted apart from the SDK.

`make verify` holds metrics, log lines and audit rows against them.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

#: The tenant of requests without one, as the metrics spell it.
NO_TENANT = "_none"
#: The endpoint of requests that no route took.
UNMATCHED = "_unmatched"


class RequestKey(NamedTuple):
    """The labels of a request, in the metric's order."""

    service: str
    endpoint: str
    method: str
    code: str
    tenant_id: str


class CallbackKey(NamedTuple):
    """The labels of a Dash callback, in the metric's order."""

    app_slug: str
    callback: str
    tenant_id: str
    outcome: str


class EventKey(NamedTuple):
    """The labels of an event, in the metric's order."""

    service: str
    event: str
    outcome: str
    tenant_id: str


class AuditKey(NamedTuple):
    """What an audit row has to say."""

    service: str
    action: str
    outcome: str
    resource: str | None
    tenant_id: str | None
    sub: str | None
    email: str | None


@dataclass
class Ledger:
    """Counts of everything the driver did; safe to write from several threads."""

    requests: Counter[RequestKey] = field(default_factory=Counter)
    body_bytes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    callbacks: Counter[CallbackKey] = field(default_factory=Counter)
    events: Counter[EventKey] = field(default_factory=Counter)
    audit: Counter[AuditKey] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def audited_rows(self) -> int:
        """How many rows the audit trail has to have."""
        return sum(self.audit.values())

    def request(self, key: RequestKey, size: int) -> None:
        """Enter an answered request and the size of its body in bytes."""
        with self._lock:
            self.requests[key] += 1
            self.body_bytes[key.service, key.endpoint, key.tenant_id] += size

    def callback(self, key: CallbackKey) -> None:
        """Enter a Dash callback."""
        with self._lock:
            self.callbacks[key] += 1

    def event(self, key: EventKey) -> None:
        """Enter an event."""
        with self._lock:
            self.events[key] += 1

    def audited(self, key: AuditKey) -> None:
        """Enter what the audit trail has to show."""
        with self._lock:
            self.audit[key] += 1

    def surprise(self, what: str) -> None:
        """Enter an answer that was not the expected one."""
        with self._lock:
            self.surprises.append(what)

    def secret(self, value: str, what: str) -> str:
        """Note a value that may show up in no sink; answers it."""
        with self._lock:
            self.secrets[value] = what
        return value

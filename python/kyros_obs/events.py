"""Business and security events: a line and a counter, and an audit row where the schema says so."""

from kyros_obs import _state
from kyros_obs._guard import Guard
from kyros_obs._vocabulary import OUTCOME_SUCCESS, EventName, OutcomeValue
from kyros_obs.context import current
from kyros_obs.exceptions import AuditError

_guard = Guard("event", passing=AuditError)


def event(
    name: EventName | str,
    /,
    *,
    outcome: OutcomeValue | str = OUTCOME_SUCCESS,
    **fields: object,
) -> None:
    """Record that something happened, for the identity of the current request.

    Args:
        name: One of the schema's events, or a name of the service's own.
        outcome: `success`, `failure` or `denied`.
        fields: Anything else for the log line, redacted and capped. Where nobody is identified, an
            `email` becomes hash and domain, so that failed logins tell which account was tried.

    Raises:
        AuditError: The event is one that the schema has audited, its row could not be recorded, and
            its action may not go without.
    """
    with _guard:
        _state.runtime().event(name, outcome, fields, current.get())

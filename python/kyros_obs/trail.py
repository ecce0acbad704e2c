"""The audit trail: who did what to which thing."""

from kyros_obs import _state
from kyros_obs._guard import Guard
from kyros_obs._native import Receipt
from kyros_obs.context import current
from kyros_obs.exceptions import AuditError

_guard = Guard("audit", passing=AuditError)


def audit(
    action: str, /, resource: str | None = None, *, outcome: str = "success", **meta: object
) -> Receipt | None:
    """Record an action in the audit trail, for the identity of the current request.

    The event is on disk when this returns; a background writer brings it to Postgres.

    Args:
        action: One of the schema's audit actions; another one is recorded and flagged.
        resource: What it was done to: a slug or a path.
        outcome: `success`, `failure` or `denied`.
        meta: Anything else, redacted.

    Returns:
        The receipt; None where the event could not be recorded and its action may go without.

    Raises:
        AuditError: The event could not be recorded, and its action may not go without.
    """
    with _guard:
        return _state.runtime().audit(action, resource, outcome, meta, current.get())
    return None

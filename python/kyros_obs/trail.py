"""The audit trail: who did what to which thing."""

from kyros_obs import _native, _state
from kyros_obs._guard import Guard
from kyros_obs._native import Receipt
from kyros_obs._vocabulary import OUTCOME_SUCCESS, ActionName, OutcomeValue
from kyros_obs.context import Record, current
from kyros_obs.exceptions import AuditError

_guard = Guard("audit", passing=AuditError)


def audit(
    action: ActionName | str,
    /,
    resource: object = None,
    *,
    outcome: OutcomeValue | str = OUTCOME_SUCCESS,
    **meta: object,
) -> Receipt | None:
    """Record an action in the audit trail, for the identity of the current request.

    The event is on disk when this returns; a background writer brings it to Postgres.

    Args:
        action: One of the schema's audit actions; another one is recorded and flagged.
        resource: What it was done to: a slug, a path, or the number or UUID of a row.
        outcome: `success`, `failure` or `denied`.
        meta: Anything else, redacted.

    Returns:
        The receipt; None where the event could not be recorded and its action may go without.

    Raises:
        AuditError: The event could not be recorded, and its action may not go without.
    """
    return audit_of(current.get(), action, resource, outcome, meta)


def audit_of(
    record: Record | None,
    action: str,
    resource: object,
    outcome: str,
    meta: dict[str, object],
) -> Receipt | None:
    """The same for the identity of a record, whatever is current."""
    with _guard:
        what = None if resource is None else str(resource)  # the number or UUID of a row, say
        return _state.runtime().audit(action, what, outcome, meta, record)
    return None


def migrate(dsn: str) -> list[str]:
    """Apply the migrations that an audit database lacks: all in one transaction, or none.

    The same as `kyros-obs migrate`, for a service that has no shell where it is deployed. Run it
    once per release, with a login that services don't have; it blocks until done.

    Args:
        dsn: The database, as `postgresql://user@host:5432/database`: directly, not through a
            pooler in transaction mode. The login owns the database and has CREATEROLE.

    Returns:
        The names of the migrations that were applied now, in order.

    Raises:
        AuditError: The database can't be reached, or a migration failed or was changed. The
            message has nothing of the address.
    """
    return _native.migrate(dsn)

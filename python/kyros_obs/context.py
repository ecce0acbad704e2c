"""What is being measured now, and the identity it learns.

A contextvar holds the *mutable* native record of the current request or callback. So what a
dependency in a worker thread binds is seen by the request it belongs to, although a contextvar set
there would be lost.
"""

from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import TypeAlias

from kyros_obs._guard import Guard
from kyros_obs._native import Callback, Request

Record: TypeAlias = Request | Callback

current: ContextVar[Record | None] = ContextVar("kyros_obs_current", default=None)

#: What tells a record its tenant by now, where a framework keeps that out of the record's sight.
tellers: list[Callable[[Record], None]] = []

_guard = Guard("context")


def waiting() -> Record | None:
    """What is being measured now, with the tenant that it is known to be for by now."""
    record = current.get()
    if record is not None and tellers:
        with _guard:
            for tell in tellers:
                tell(record)
    return record


def bind(
    *,
    tenant_id: object = None,
    tenant_slug: str | None = None,
    sub: object = None,
    email: str | None = None,
    **fields: object,
) -> None:
    """Tell the current request or callback whose it is; outside of one this does nothing.

    Pass only what comes from validated claims. What is bound wins over `request.state` and
    `flask.g`; a later call replaces what it names and keeps the rest.

    Args:
        tenant_id: The tenant, as text or `UUID`.
        tenant_slug: The tenant's readable name, for spans alone: no metric, line or row has it.
        sub: The subject, as text or `UUID`.
        email: The subject's e-mail address; lines get its hash and domain.
        fields: Anything else for the log lines, redacted and capped.
    """
    record = current.get()
    if record is not None:
        with _guard:
            record.bind((_text(tenant_id), tenant_slug, _text(sub), email), fields)


def leave(token: Token[Record | None]) -> None:
    """Forget the current record. A generator closed by the collector may do so elsewhere."""
    try:  # noqa: SIM105 - what `suppress` costs is paid by each request
        current.reset(token)
    except ValueError:
        pass


def _text(value: object) -> str | None:
    return None if value is None else str(value)

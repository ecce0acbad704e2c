"""What a library has counted, in the words of the table, and what one request has added to it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple


class Sample(NamedTuple):
    """One value: a count of requests, of outcomes, a sum of bytes or of seconds."""

    kind: str
    endpoint: str | None
    method: str | None
    code: int | None
    outcome: str | None
    value: float


class Seen(NamedTuple):
    """What a library has made of one request."""

    counted: int
    endpoints: int
    """How many endpoints it was counted under; the values may be in several families."""
    endpoint: str | None
    method: str | None
    code: int | None
    outcome: str | None
    sent: int | None
    received: int | None
    seconds: float | None


def added(before: Iterable[Sample], after: Iterable[Sample], kinds: frozenset[str]) -> Seen:
    """What has been added; a kind that a library doesn't have is None."""
    grown = _totals(after)
    grown.subtract(_totals(before))
    risen = {key: value for key, value in grown.items() if value}
    counts = [key for key in risen if key[0] == "count"]
    endpoint, method, code = counts[0][1:4] if counts else (None, None, None)
    outcomes = [key[4] for key in risen if key[4] is not None]

    def total(kind: str) -> float:
        return sum(value for key, value in risen.items() if key[0] == kind)

    return Seen(
        counted=round(total("count")),
        endpoints=len({key[1] for key in risen}),
        endpoint=endpoint,
        method=method,
        code=code,
        outcome=outcomes[0] if outcomes else None,
        sent=None if "sent" not in kinds else round(total("sent")),
        received=None if "received" not in kinds else round(total("received")),
        seconds=None if "seconds" not in kinds else total("seconds"),
    )


def _totals(samples: Iterable[Sample]) -> "Counter[Any]":
    totals: Counter[Any] = Counter()
    for sample in samples:
        totals[sample[:-1]] += sample.value  # type: ignore[assignment]
    return totals

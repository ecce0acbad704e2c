"""What of a request was counted otherwise than the table says."""

from collections.abc import Iterator

from conformance.exchange import Wire
from conformance.samples import Seen
from conformance.table import PAUSE, UNMATCHED, Row, Timed

#: Seconds by which a busy machine may keep a library from looking at its clock.
_SLACK = PAUSE / 2


def differences(row: Row, wire: Wire, seen: Seen, *, strict: bool) -> list[str]:
    """In words that stand in a cell of the table; none where all is as it has to be.

    Others are judged by what it means. Where no route took a request, anything that a client can't
    make up is as good; so is a prefix of the service, or none, and a constant of their own for
    methods. What a library has no notion of is not held against it, but for the outcome of a
    request that has one.
    """
    if seen.counted != 1:
        return [f"counted {seen.counted} times" if seen.counted else "not counted"]
    if seen.endpoints != 1:
        return [f"counted under {seen.endpoints} endpoints"]
    return [
        *_endpoint(row, seen, strict=strict),
        *_method(row, seen, strict=strict),
        *_ending(row, wire, seen, strict=strict),
        *_bytes(row, wire, seen),
        *_seconds(row, wire, seen),
    ]


def _endpoint(row: Row, seen: Seen, *, strict: bool) -> Iterator[str]:
    if seen.endpoint == row.endpoint or (not strict and _is_as_good(row, seen.endpoint)):
        return
    if seen.endpoint is None:
        yield "no route"
    else:
        yield f"{'raw path ' * _is_raw(row, seen.endpoint)}`{seen.endpoint}`"


def _is_as_good(row: Row, endpoint: str | None) -> bool:
    if row.endpoint == UNMATCHED:
        return endpoint is None or not _is_raw(row, endpoint)
    opaque = row.endpoint.removesuffix("/{path}")
    said = (endpoint or "").removeprefix("/proxy").replace(":path}", "}")
    is_fuller = opaque != row.endpoint and said.startswith(f"{opaque}/") and "{" in said
    return endpoint is not None and (said in {row.endpoint, opaque} or is_fuller)


def _is_raw(row: Row, endpoint: str) -> bool:
    return endpoint in {row.path, row.path.removeprefix("/proxy")}


def _method(row: Row, seen: Seen, *, strict: bool) -> Iterator[str]:
    as_good = not strict and row.method not in {row.method_label, seen.method}
    if seen.method != row.method_label and not as_good:
        yield f"method `{seen.method}`"


def _ending(row: Row, wire: Wire, seen: Seen, *, strict: bool) -> Iterator[str]:
    if strict and wire.code not in {None, row.code}:
        yield f"answered with {wire.code}"
    if seen.code != row.code:
        yield f"code {seen.code}" if seen.code else "no code"
    if strict and seen.outcome != row.outcome:
        yield f"outcome {seen.outcome}"
    elif row.outcome is not None and seen.outcome is None:
        yield "no outcome"


def _bytes(row: Row, wire: Wire, seen: Seen) -> Iterator[str]:
    if row.sent not in {None, wire.sent}:
        yield f"the client got {wire.sent} B"
    if seen.sent not in {None, wire.sent}:
        yield f"{seen.sent} B sent"
    if row.received != wire.received:
        yield f"the application read {wire.received} B"
    if seen.received not in {None, wire.received}:
        yield f"{seen.received} B received"


def _seconds(row: Row, wire: Wire, seen: Seen) -> Iterator[str]:
    if seen.seconds is None or row.timed is Timed.NOWHERE:
        return
    if seen.seconds > wire.seconds + _SLACK:
        yield "time with the background task"
    if row.timed is Timed.BETWEEN and seen.seconds < PAUSE:
        yield "time without the stream"

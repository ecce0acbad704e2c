"""Label values that somebody means to break something with, and a flood of them."""

import os
import random
import resource
from collections.abc import Callable, Iterable

import pytest
from prometheus_client import Metric, parser
from prometheus_client.openmetrics import parser as openmetrics_parser

import kyros_obs
from kyros_obs.testing import Captured

TENANTS = 1_000_000
#: The bound of `tenant_id` in the schema, and the values that stand for no tenant.
MOST_SERIES = 500 + 4
LONGEST = 256
OPENMETRICS = "application/openmetrics-text; version=1.0.0"

HOSTILE = [
    "",
    " ",
    '"',
    "\\",
    '\\"',
    "\n",
    "\r\n",
    "\\n",
    "\0",
    "\x01\x1b[31m\x7f\x85\u2028\ufeff",
    'a"} 1\nhostile_total{kind="b',
    "# EOF\n",
    "{}=,#",
    "\u202egpj.exe",
    "e\u0301\u0302\u0303",
    "\u05e9\u05dc\u05d5\u05dd",
    "\xff\ufffd",
    "\U0010ffff",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "NaN",
    "x" * LONGEST,
    '"\\\n' * 85,
]

Parse = Callable[[str], Iterable[Metric]]
PARSERS: dict[str | None, Parse] = {
    None: parser.text_string_to_metric_families,
    OPENMETRICS: openmetrics_parser.text_string_to_metric_families,
}


def parsed(seen: Captured, accept: str | None) -> dict[str, dict[tuple[str, ...], float]]:
    """All samples by name and label values, as the format's parser reads them."""
    read: dict[str, dict[tuple[str, ...], float]] = {}
    for family in PARSERS[accept](seen.runtime.scrape(accept, None)[0].decode()):
        for sample in family.samples:
            read.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return read


def failures(seen: Captured) -> float:
    """What went wrong in metrics."""
    return seen.metric("kyros_instrumentation_errors_total", component="metrics")


@pytest.mark.parametrize("accept", PARSERS)
def test_values_come_back_as_they_were_given(seen: Captured, accept: str | None) -> None:
    """Whatever text they are, and each is a series of its own."""
    hostile = kyros_obs.counter("hostile_total", labels=["kind"])
    for value in HOSTILE:
        hostile.inc(kind=value)
        hostile.labels(kind=value).inc()
    assert parsed(seen, accept)["hostile_total"] == {(value,): 2 for value in HOSTILE}
    assert failures(seen) == 0


@pytest.mark.parametrize("value", ["\ud800", "a\udcff", "\udc80" * 1000, os.fsdecode(b"caf\xe9")])
def test_what_is_no_unicode_is_replaced(seen: Captured, value: str) -> None:
    """The sample counts, with characters that say so."""
    broken = kyros_obs.counter("broken_total", labels=["kind"])
    broken.inc(kind="sound")
    broken.inc(kind=value)
    broken.labels(kind=value).inc()
    broken.inc(kind="sound")
    for accept in PARSERS:
        counted = parsed(seen, accept)["broken_total"]
        assert counted.pop(("sound",)) == 2
        [((replaced,), count)] = counted.items()
        assert (count, "\ufffd" in replaced) == (2, True)
    assert failures(seen) == 0


@pytest.mark.parametrize("value", [b"\xff\x00", bytearray(b"\xfe"), ["\ud800"], {"a": "\0"}])
def test_what_is_no_text_is_printed(seen: Captured, value: object) -> None:
    """Python prints it in characters that are safe."""
    kyros_obs.counter("printed_total", labels=["kind"]).inc(kind=value)
    assert parsed(seen, None)["printed_total"] == {(str(value),): 1}


@pytest.mark.parametrize("piece", ["x", "\xfc", "\u20ac", "\U0001f600", '"', "\0"])
def test_of_a_huge_value_the_beginning_is_kept(seen: Captured, piece: str) -> None:
    """A megabyte becomes 256 bytes, without half a character at their end."""
    huge = piece * ((1 << 20) // len(piece.encode()))
    large = kyros_obs.counter("large_total", labels=["kind"])
    for end in ("", "another end"):
        large.inc(kind=huge + end)
    (((kept,), count),) = parsed(seen, None)["large_total"].items()
    assert huge.startswith(kept)
    assert LONGEST - 3 <= len(kept.encode()) <= LONGEST
    assert count == 2
    assert len(seen.exposition) < 1 << 16


def test_a_million_tenants(seen: Captured) -> None:
    """They have a bounded number of series in bounded memory, and all of their samples count."""
    flooded = kyros_obs.counter("flooded_total", labels=["tenant_id"])
    flooded.inc(tenant_id="known")
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    used = seen.metric("kyros_arena_used_bytes")
    for number in range(TENANTS):
        flooded.inc(tenant_id=f"tenant-{number:x}")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident) << 10
    assert grown < 32 << 20
    assert seen.metric("kyros_arena_used_bytes") - used < 1 << 20
    for accept in PARSERS:
        read = parsed(seen, accept)
        assert len(read["flooded_total"]) <= MOST_SERIES
        assert sum(read["flooded_total"].values()) == TENANTS + 1
        assert read["flooded_total"]["known",] == 1
        overflow = read["kyros_series_overflow_total"]["flooded_total",]
        assert overflow == read["flooded_total"]["_other",]
        assert overflow > TENANTS - MOST_SERIES


def test_a_budget_is_that_of_all_forked_workers(seen: Captured) -> None:
    """Whoever is first has the series, and no sample is lost."""
    flooded = kyros_obs.counter("forked_total", labels=["tenant_id", "kind"])
    workers = [_forked(seen, flooded, seed) for seed in range(4)]
    assert [os.waitpid(worker, 0)[1] for worker in workers] == [0] * 4
    read = parsed(seen, None)["forked_total"]
    assert sum(read.values()) == 4 * 2_000
    assert len({tenant for tenant, _ in read if not tenant.startswith("_")}) <= MOST_SERIES
    assert len({kind for _, kind in read}) <= 100 + 4


def _forked(seen: Captured, flooded: kyros_obs.metrics.Counter, seed: int) -> int:
    worker = os.fork()
    if worker == 0:
        chosen = random.Random(seed)  # noqa: S311 - nothing secret
        for _ in range(2_000):
            flooded.inc(tenant_id=chosen.randrange(1_000), kind=chosen.randrange(200))
        os._exit(0 if "forked_total" in seen.exposition else 1)
    return worker

"""All benchmarks in one run and one table: ours, the peer, the ratio, and the goal it is held to.

Reads the output of the Rust benchmark. Run by `make bench`; `docs/benchmarks.md` tells how
to read it.
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

import callback_cost
import memory_cost
import page
import request_cost
import request_peers
import scrape_cost
import update_cost


class Row(NamedTuple):
    """One comparison, which may have a goal."""

    what: str
    peer_name: str
    unit: str
    ours: float
    peer: float
    goal: Goal | None = None
    remark: str = ""
    """What keeps the numbers from being compared."""

    def __str__(self) -> str:
        """The row, and whether it reaches its goal."""
        numbers = f"{self.ours:11,.2f}{self.peer:12,.2f} {self.unit:3}{self.ratio:9,.1f}"
        goal = f"{'' if self.goal is None else str(self.goal):>10}"
        return f"{self.what:48}{self.peer_name:37}{numbers}{goal}  {self.verdict}"

    @property
    def verdict(self) -> str:
        """Whether it reaches its goal, or why that can't be said."""
        if self.goal is None or self.remark:
            return self.remark
        return "reached" if self.goal.is_reached(self) else "MISSED"

    @property
    def ratio(self) -> float:
        """The peer's number to ours."""
        return self.peer / self.ours


class Times(float):
    """The goal that the peer's number is at least so many times ours."""

    def __str__(self) -> str:
        """As the table has it."""
        return f"≥ {self:g}"

    def is_reached(self, row: Row) -> bool:
        """Whether a row reaches it."""
        return row.ratio >= self


class Most(float):
    """The goal that our number is at most that, in the row's unit."""

    def __str__(self) -> str:
        """As the table has it."""
        return f"ours ≤ {self:g}"

    def is_reached(self, row: Row) -> bool:
        """Whether a row reaches it."""
        return row.ours <= self


Goal = Times | Most


PEER = "prometheus_client"
#: What the core is measured at, each with all before it.
CORE = ("metrics", "line", "identity", "span")
HEADER = f"{'':48}{'peer':37}{'ours':>11}{'peer':>12}    {'ratio':>9}{'goal':>10}"


def requests(native: dict[str, float]) -> tuple[list[Row], list[str]]:
    """What is added to a request of bare FastAPI, and what of it is the core's."""
    of = request_cost.measure()
    added = {name: cost - of[request_cost.BARE] for name, cost in of.items()}

    def row(what: str, ours: str, peer: str, goal: Goal | None = None) -> Row:
        return Row(f"added to a request: {what}", peer, "µs", added[ours], added[peer], goal)

    metrics, line, span = request_cost.METRICS, request_cost.LINE, request_cost.SPAN
    rows = [
        row("metrics", metrics, request_peers.INSTRUMENTATOR),
        row("metrics", metrics, request_peers.EXPORTER),
        row("metrics, line", line, request_peers.STRUCTLOG),
        row("metrics, line", line, request_peers.WITH_LINE, Times(15)),
        row("metrics, line, span", span, request_peers.NATIVE),
        row("metrics, line, span", span, request_peers.CONTRIB),
        row("metrics, line, span", span, request_peers.WITH_SPAN, Times(40)),
    ]
    core = ", ".join(f"{name} {native[f'request_{name}_ns'] / 1000:.1f} µs" for name in CORE)
    whose = f"{added[request_cost.WHOSE] - added[line]:.1f} µs more where requests are somebody's"
    return rows, [f"of a request, in the core: {core}", whose]


def callbacks() -> tuple[list[Row], list[str]]:
    """What is added to a run of a Dash callback, on each backend."""
    of = callback_cost.measure()

    def row(backend: str, what: str, ours: str, peer: str, goal: Goal | None = None) -> Row:
        name = f"added to a callback, {backend}: {what}"
        return Row(name, peer, "µs", of[backend, ours], of[backend, peer], goal)

    metrics, span = callback_cost.METRICS, callback_cost.SPAN
    hand, prometheus = callback_cost.HAND, callback_cost.PROMETHEUS
    rows = [
        made
        for one in callback_cost.BACKENDS
        for made in (
            row(one, "metrics", metrics, hand),
            row(one, "metrics", metrics, prometheus),
            row(one, "metrics, line, span", span, hand, Most(5)),
            row(one, "metrics, line, span", span, prometheus, Most(5)),
        )
    ]
    whole = ", ".join(
        f"{one} {of[one, callback_cost.WHOLE]:.1f} µs" for one in callback_cost.BACKENDS
    )
    return rows, [f"the same with what is added to its request: {whole}"]


def updates(native: dict[str, float]) -> list[Row]:
    """A counter and a histogram."""
    python, request = update_cost.measure(), native["update_native_ns"]
    what = "counter + histogram"
    kept = update_cost.KEPT

    def rows(how: str, kept: str, ours: float, goal: Goal | None = None) -> list[Row]:
        return [
            Row(f"{what}, {how}", f"{PEER}, {mode}", "ns", ours, python[mode + kept], goal)
            for mode in ("single", "multiprocess")
        ]

    crate = native["update_rust_prometheus_client_ns"]
    return [
        *rows("native, for a request", "", request, Times(20)),
        *rows("from Python", "", python["ours"]),
        *rows("from Python, labels kept", kept, python["ours" + kept]),
        Row(f"{what}, in Rust", "crate prometheus-client", "ns", request, crate),
    ]


def encoding(native: dict[str, float]) -> list[Row]:
    """Text of 10,000 histograms."""
    peer = native["encode_prometheus_client_ms"]
    formats = {
        "OpenMetrics": native["encode_open_metrics_ms"],
        "0.0.4": native["encode_classic_ms"],
    }
    what = "encode 10,000 histogram series"
    crate = "crate prometheus-client"
    return [
        Row(f"{what}, {name}", crate, "ms", ours, peer, Times(5)) for name, ours in formats.items()
    ]


def scrapes() -> tuple[list[Row], list[str]]:
    """Scrapes without and with a history of workers, and what else there is to say of them."""
    medians, counts = scrape_cost.measure()
    dead, peer = scrape_cost.DEAD, f"{PEER}, multiprocess"
    worked = (dead + 1) * len(scrape_cost.TENANTS)

    def row(dead: int, goal: Goal | None = None) -> Row:
        ours, theirs = medians[f"ours {dead}"], medians[f"{PEER} {dead}"]
        whole = counts[f"ours {dead}"] == counts[f"{PEER} {dead}"]
        remark = "" if whole else "NOT COMPARABLE: ours doesn't share between workers here"
        what = f"scrape 500 tenants x 4, {dead} dead workers"
        return Row(what, peer, "ms", ours, theirs, goal, remark)

    grown = {of: medians[f"{of} {dead}"] / medians[f"{of} 0"] for of in ("ours", PEER)}
    history = ", ".join(f"{of} {ratio:.2f}x" for of, ratio in grown.items())
    scraped = ", ".join(f"{of} {counts[f'{of} {dead}']:,.0f}" for of in ("ours", PEER))
    notes = [
        f"scrape after {dead} workers died, to none (goal 1x): {history}",
        f"samples that {dead + 1} workers counted: {worked:,}; in the scrape: {scraped}",
    ]
    return [row(0), row(dead, Times(50))], notes


def memory() -> list[Row]:
    """Bytes of a series."""
    return [
        Row(f"memory of one {what} series", f"{PEER}, single", "B", of["ours"], of[PEER])
        for what, of in memory_cost.measure().items()
    ]


def main() -> None:
    """Run all and print the table."""
    native = {name: float(value) for name, _, value in (line.partition("\t") for line in sys.stdin)}
    if not native:
        sys.exit("no output of the Rust benchmark on standard input\n  hint: make bench")
    requested, of_requests = requests(native)
    called, of_callbacks = callbacks()
    scraped, of_scrapes = scrapes()
    rows = [*requested, *called, *updates(native), *scraped, *encoding(native), *memory()]
    notes = [*of_requests, *of_callbacks, *of_scrapes]
    print(HEADER, *rows, *notes, f"cores: {os.cpu_count()}", sep="\n")
    if "--write" in sys.argv[1:]:
        page.write(rows, notes)


if __name__ == "__main__":
    main()

"""What is looked at: a dashboard's variables and time range, as an address says them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

_VARIABLE = "var-"


@dataclass(frozen=True)
class View:
    """The values chosen, and the ends of the time range in Grafana's notation."""

    values: Mapping[str, Sequence[str]]
    start: str = "now-1h"
    end: str = "now"

    @property
    def query(self) -> str:
        """The same as the query of an address; Grafana's links are written so, too."""
        pairs = [(_VARIABLE + name, one) for name, chosen in self.values.items() for one in chosen]
        return urlencode([*pairs, ("from", self.start), ("to", self.end)])

    @property
    def time(self) -> str:
        """The time range alone, as a part of an address."""
        return urlencode([("from", self.start), ("to", self.end)])

    def stored(self) -> dict[str, Any]:
        """As a page keeps it."""
        values = {name: list(chosen) for name, chosen in self.values.items()}
        return {"values": values, "from": self.start, "to": self.end}

    @classmethod
    def kept(cls, stored: Mapping[str, Any]) -> "View":
        """What a page has kept."""
        return cls(stored["values"], stored["from"], stored["to"])


def asked(search: str, start: str, end: str) -> View:
    """What an address asks for; the time range is a dashboard's own where it doesn't say."""
    given = parse_qs(search.removeprefix("?"))
    values = {
        name.removeprefix(_VARIABLE): chosen
        for name, chosen in given.items()
        if name.startswith(_VARIABLE)
    }
    return View(values, given.get("from", [start])[0], given.get("to", [end])[0])

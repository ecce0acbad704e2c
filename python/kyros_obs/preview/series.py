"""What stores answer with."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Labels = Mapping[str, str]
#: A moment in seconds since the epoch, and the value then.
Point = tuple[float, float]

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True)
class Series:
    """A series over time, or at one moment; `letter` is the query's."""

    labels: Labels
    points: Sequence[Point]
    name: str = ""
    letter: str = "A"

    @property
    def numbers(self) -> list[float]:
        """Its values without those that are no numbers."""
        return [value for _, value in self.points if not math.isnan(value)]

    @property
    def last(self) -> float | None:
        """The last number."""
        return self.numbers[-1] if self.numbers else None

    @property
    def highest(self) -> float | None:
        """The greatest number."""
        return max(self.numbers, default=None)


def legend(template: str, labels: Labels) -> str:
    """The name of a series: `{{label}}` stands for a value; without a template, all of them."""
    if template and template != "__auto":
        return _PLACEHOLDER.sub(lambda match: labels.get(match[1], ""), template).strip()
    inside = ", ".join(f'{key}="{value}"' for key, value in labels.items() if key != "__name__")
    return labels.get("__name__", "") + (f"{{{inside}}}" if inside else "")

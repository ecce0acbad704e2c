"""Time ranges as an address says them, and the intervals that Grafana's queries have of them."""

import re
from dataclasses import dataclass
from datetime import datetime

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "M": 2592000, "y": 31536000}
_NAMES = {
    "s": "second",
    "m": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
    "M": "month",
    "y": "year",
}
_RELATIVE = re.compile(r"now(?:-(?P<count>\d+)(?P<unit>[smhdwMy]))?$")
_MILLISECONDS = re.compile(r"\d{9,}$")
_DURATION = re.compile(r"(\d+)(ms|[smhdwy])")

#: The steps between intervals, as Grafana rounds them: below the first, the second; in seconds.
_ROUNDED = (
    (1.5, 1),
    (3.5, 2),
    (7.5, 5),
    (12.5, 10),
    (17.5, 15),
    (25, 20),
    (45, 30),
    (90, 60),
    (210, 120),
    (450, 300),
    (750, 600),
    (1050, 900),
    (1500, 1200),
    (2700, 1800),
    (5400, 3600),
    (9000, 7200),
    (16200, 10800),
    (32400, 21600),
    (86400, 43200),
    (604800, 86400),
)
_LONGEST = 604800


@dataclass(frozen=True)
class TimeRange:
    """From and to, in seconds since the epoch."""

    start: float
    end: float

    @property
    def span(self) -> float:
        """How long it is, in seconds."""
        return self.end - self.start

    @classmethod
    def parse(cls, start: str, end: str, now: float) -> "TimeRange":
        """The range between two moments in Grafana's notation.

        Raises:
            ValueError: One of them is none, or the end isn't after the start.
        """
        parsed = cls(moment(start, now), moment(end, now))
        if parsed.span <= 0:
            raise ValueError(f"the time range ends before it begins: `{start}` to `{end}`")
        return parsed


def moment(text: str, now: float) -> float:
    """`now`, `now-90m`, milliseconds since the epoch, or a date in ISO 8601."""
    if match := _RELATIVE.match(text):
        back = int(match["count"] or 0) * _SECONDS[match["unit"] or "s"]
        return now - back
    if _MILLISECONDS.match(text):
        return int(text) / 1000
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise ValueError(f"no moment: `{text}`, which could be `now-1h`") from None


def said(start: str, end: str) -> str:
    """A time range in words."""
    match = _RELATIVE.match(start)
    if match is None or match["count"] is None or end != "now":
        return f"{start} to {end}"
    count, unit = int(match["count"]), _NAMES[match["unit"]]
    return f"Last {unit}" if count == 1 else f"Last {count} {unit}s"


def interval(span: float, points: int, least: float) -> float:
    """The step between points of a graph: round, and no less than the interval of scrapes."""
    exact = span / max(points, 1)
    rounded = next((step for below, step in _ROUNDED if exact < below), _LONGEST)
    return max(float(rounded), least)


def rate_interval(step: float, scrape: float) -> float:
    """`$__rate_interval`: long enough for a rate to have the scrapes it needs."""
    return max(step + scrape, 4 * scrape)


def seconds_of(duration: str) -> float | None:
    """The seconds of a duration in Prometheus' notation, such as `1m30s`."""
    parts = _DURATION.findall(duration)
    if not parts or "".join(count + unit for count, unit in parts) != duration:
        return None
    return sum(int(count) * (0.001 if unit == "ms" else _SECONDS[unit]) for count, unit in parts)


def duration(seconds: float) -> str:
    """A duration as queries write it."""
    if seconds != int(seconds):
        return f"{round(seconds * 1000)}ms"
    return f"{int(seconds)}s"

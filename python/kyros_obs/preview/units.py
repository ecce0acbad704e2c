"""Numbers in Grafana's units, as its readers know them."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

_SHORT = ("", " K", " Mil", " Bil", " Tri")
_RATE = ("", "K", "M", "G")
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_DECIMAL = ("B/s", "kB/s", "MB/s", "GB/s", "TB/s")
#: From how many seconds on, in what, with what after the number.
_TIMES = (
    (86400.0, 86400.0, " d"),
    (3600.0, 3600.0, " h"),
    (60.0, 60.0, " min"),
    (1.0, 1.0, " s"),
    (1e-3, 1e-3, " ms"),
    (0.0, 1e-6, " µs"),
)
_DIGITS = 3


def formatted(value: float | None, unit: str) -> str:
    """A number in its unit; what is no number is a dash."""
    if value is None or math.isnan(value):
        return "-"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value < 0 and unit not in {"bool_yes_no", "dateTimeAsIso"}:
        return f"-{formatted(-value, unit)}"
    return _positive(value, unit)


def _positive(value: float, unit: str) -> str:
    return _WRITTEN.get(unit, _short)(value)


def _time(seconds: float) -> str:
    if seconds == 0:
        return "0 s"
    scale, suffix = next((by, name) for least, by, name in _TIMES if seconds >= least)
    return _rounded(seconds / scale) + suffix


def _scaled(value: float, base: int, names: Sequence[str], gap: str) -> str:
    step = 0
    while value >= base and step < len(names) - 1:
        value, step = value / base, step + 1
    return f"{_rounded(value)}{gap}{names[step]}"


def _rounded(value: float) -> str:
    """Three digits, and no zeros that say nothing."""
    if value == 0:
        return "0"
    places = max(0, _DIGITS - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{min(places, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _short(value: float) -> str:
    return _scaled(value, 1000, _SHORT, "")


def _per_second(what: str) -> Callable[[float], str]:
    return lambda value: f"{_scaled(value, 1000, _RATE, '')} {what}"


def _date(milliseconds: float) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.astimezone().isoformat(" ", "seconds")


#: How each of Grafana's units is written.
_WRITTEN: Mapping[str, Callable[[float], str]] = {
    "s": _time,
    "ms": lambda value: _time(value / 1000),
    "percentunit": lambda value: f"{_rounded(value * 100)}%",
    "percent": lambda value: f"{_rounded(value)}%",
    "bytes": lambda value: _scaled(value, 1024, _BINARY, " "),
    "Bps": lambda value: _scaled(value, 1000, _DECIMAL, " "),
    "bool_yes_no": lambda value: "Yes" if value else "No",
    "dateTimeAsIso": _date,
    "none": _rounded,
    "reqps": _per_second("req/s"),
    "cps": _per_second("c/s"),
    "ops": _per_second("ops/s"),
}


def ticks(low: float, high: float, unit: str, count: int = 5) -> list[float]:
    """Round values between two, about `count` of them, for the marks of an axis."""
    if high <= low:
        return [low]
    step = _step((high - low) / count, _scale(high, unit)) if high > low else 1.0
    first = math.ceil(low / step)
    marks = [step * index for index in range(first, math.floor(high / step * (1 + 1e-9)) + 1)]
    return marks or [low]


def _scale(high: float, unit: str) -> float:
    """What the steps of a unit are round in."""
    if unit == "bytes":
        return float(1024 ** int(math.log(high, 1024))) if high >= 1 else 1.0
    if unit == "s":
        return next((by for least, by, _ in _TIMES if high >= least >= 1), 1.0)
    return 1.0


def _step(exact: float, scale: float) -> float:
    exact = exact / scale
    power = 10.0 ** math.floor(math.log10(exact))
    return scale * power * next(round_ for round_ in (1, 2, 5, 10) if exact <= round_ * power)

"""Annotations: what happened, marked on every graph over time."""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kyros_obs.preview import variables
from kyros_obs.preview.dashboards import Dashboard, Json
from kyros_obs.preview.failure import QuestionError
from kyros_obs.preview.prometheus import Prometheus
from kyros_obs.preview.series import Series
from kyros_obs.preview.timerange import TimeRange, interval

#: All graphs of a page are drawn within moments of each other.
_FRESH_SECONDS = 5.0
_POINTS = 400
_GAP = 1.5


@dataclass(frozen=True)
class Mark:
    """Something that happened at a moment, or from one to another."""

    start: float
    end: float
    colour: str


class Marks:
    """A dashboard's annotations, asked for once for all its graphs."""

    def __init__(self, prometheus: Prometheus, scrape: float) -> None:
        self._prometheus = prometheus
        self._scrape = scrape
        self._turn = threading.Lock()
        self._kept: dict[tuple[Any, ...], tuple[float, list[Mark]]] = {}

    def of(
        self, dashboard: Dashboard, values: variables.Values, ends: tuple[str, str]
    ) -> list[Mark]:
        """What happened in the time range between two ends; nothing where that can't be asked."""
        chosen = tuple(sorted((name, tuple(some)) for name, some in values.items()))
        key = (dashboard.uid, chosen, ends)
        with self._turn:
            now = time.monotonic()
            fresh = {
                one: kept for one, kept in self._kept.items() if now - kept[0] < _FRESH_SECONDS
            }
            if key not in fresh:
                fresh[key] = now, list(self._asked(dashboard, values, ends))
            self._kept = fresh
            return fresh[key][1]

    def _asked(
        self, dashboard: Dashboard, values: variables.Values, ends: tuple[str, str]
    ) -> Iterable[Mark]:
        period = TimeRange.parse(*ends, time.time())
        step = interval(period.span, _POINTS, self._scrape)
        for one in dashboard.annotations:
            if one.get("enable") and not one.get("hide"):
                yield from self._of_one(dashboard, values, one, period, step)

    def _of_one(
        self,
        dashboard: Dashboard,
        values: variables.Values,
        annotation: Json,
        period: TimeRange,
        step: float,
    ) -> Iterable[Mark]:
        query = variables.interpolate(
            annotation["expr"], dashboard.variables, values, {}, variables.prometheus
        )
        try:
            found = self._prometheus.over(query, period, step)
        except QuestionError:
            return []
        colour = str(annotation.get("iconColor", "blue"))
        if annotation.get("useValueForTime") == "on":
            return _at_values(found, period, colour)
        return [mark for one in found for mark in _stretches(one, step, colour)]


def _at_values(found: Sequence[Series], period: TimeRange, colour: str) -> list[Mark]:
    """A mark at each moment that is a value, in milliseconds; one for those of a second."""
    moments = {round(value / 1000) for one in found for value in one.numbers}
    inside = sorted(one for one in moments if period.start <= one <= period.end)
    return [Mark(moment, moment, colour) for moment in inside]


def _stretches(series: Series, step: float, colour: str) -> list[Mark]:
    """From when to when a series was there."""
    marks: list[Mark] = []
    for moment, _ in series.points:
        if marks and moment - marks[-1].end <= step * _GAP:
            marks[-1] = Mark(marks[-1].start, moment, colour)
        else:
            marks.append(Mark(moment, moment, colour))
    return marks


def names(dashboard: Dashboard) -> Mapping[str, str]:
    """The colours of a dashboard's annotations by their names."""
    return {one["name"]: str(one.get("iconColor", "blue")) for one in dashboard.annotations}

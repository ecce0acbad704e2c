"""Questions to Prometheus."""

import re
import time
from collections.abc import Mapping
from typing import Any

import httpx

from kyros_obs.preview.failure import QuestionError
from kyros_obs.preview.series import Series
from kyros_obs.preview.timerange import TimeRange, seconds_of

_SECONDS = 30.0
#: For how long the names of an answer are believed.
_FRESH_SECONDS = 15.0
_USUAL_SCRAPE_SECONDS = 15.0
_SCRAPE_INTERVAL = re.compile(r"^\s+scrape_interval: (\S+)$", re.MULTILINE)
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_GROUPING = re.compile(
    r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", re.IGNORECASE
)
_WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?!\w|:|\s*\()")
_OPERATORS = frozenset({"and", "or", "unless", "bool", "offset", "inf", "nan", "by", "without"})


class Prometheus:
    """The HTTP interface of a Prometheus, or of what answers like one."""

    def __init__(self, url: str, http: httpx.Client | None = None) -> None:
        self.url = url.rstrip("/")
        self._http = http or httpx.Client(timeout=_SECONDS)
        self._names: tuple[float, frozenset[str]] = (float("-inf"), frozenset())

    def close(self) -> None:
        """Let go of its connections."""
        self._http.close()

    def over(self, expression: str, period: TimeRange, step: float) -> list[Series]:
        """An expression's series over a time range; its ends are multiples of the step."""
        start, end = (moment // step * step for moment in (period.start, period.end))
        asked = {"query": expression, "start": f"{start}", "end": f"{end}", "step": f"{step}"}
        return [_series(one, one["values"]) for one in self._result("query_range", asked)]

    def at(self, expression: str, moment: float) -> list[Series]:
        """An expression's values at a moment."""
        asked = {"query": expression, "time": f"{moment}"}
        return [_series(one, [one["value"]]) for one in self._result("query", asked)]

    def label_values(self, selector: str | None, label: str, period: TimeRange) -> list[str]:
        """The values that a label has in a time range."""
        asked = {"start": f"{period.start}", "end": f"{period.end}"}
        if selector:
            asked["match[]"] = selector
        return [str(value) for value in self._get(f"label/{label}/values", asked)]

    def missing(self, expression: str) -> list[str]:
        """The metrics an expression names of which there is no series at all."""
        return sorted(metrics(expression) - self._known())

    def scrape_interval(self) -> float:
        """What its configuration says, in seconds; 15 where it doesn't tell."""
        try:
            found = _SCRAPE_INTERVAL.search(str(self._get("status/config", {})["yaml"]))
        except (QuestionError, KeyError, TypeError):
            return _USUAL_SCRAPE_SECONDS
        return (seconds_of(found[1]) if found else None) or _USUAL_SCRAPE_SECONDS

    def _known(self) -> frozenset[str]:
        asked_at, names = self._names
        if time.monotonic() - asked_at > _FRESH_SECONDS:
            names = frozenset(self._get("label/__name__/values", {}))
            self._names = time.monotonic(), names
        return names

    def _result(self, path: str, asked: Mapping[str, str]) -> list[Any]:
        data = self._get(path, asked)
        if data["resultType"] == "scalar":
            return [{"metric": {}, "value": data["result"]}]
        return list(data["result"])

    def _get(self, path: str, asked: Mapping[str, str]) -> Any:  # noqa: ANN401 — JSON
        try:
            answer = self._http.get(f"{self.url}/api/v1/{path}", params=asked)
        except httpx.HTTPError as error:
            raise QuestionError(f"Prometheus does not answer: {error}") from error
        return _data(answer)


def metrics(expression: str) -> set[str]:
    """The metrics that an expression names."""
    bare = re.sub(r"\{[^}]*\}", "", _TEXT.sub('""', expression))
    bare = re.sub(r"\[[^\]]*\]", "", _GROUPING.sub("", bare))
    return {word for word in _WORD.findall(bare) if word.lower() not in _OPERATORS}


def _series(one: Any, values: Any) -> Series:  # noqa: ANN401 — JSON
    return Series(one["metric"], [(float(moment), float(value)) for moment, value in values])


def _data(answer: httpx.Response) -> Any:  # noqa: ANN401 — JSON
    try:
        body = answer.json()
    except ValueError:
        raise QuestionError(f"Prometheus answered {answer.status_code}, and no JSON") from None
    if body.get("status") != "success":
        raise QuestionError(f"Prometheus refused the query: {body.get('error', body)}")
    return body["data"]

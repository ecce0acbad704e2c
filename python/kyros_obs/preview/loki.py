"""Questions to Loki."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from kyros_obs.preview.failure import QuestionError
from kyros_obs.preview.timerange import TimeRange

_SECONDS = 30.0
_MOST_LINES = 200
_LEVELS = ("level", "detected_level", "severity")


@dataclass(frozen=True)
class Line:
    """A log line: when, how bad, what it says, and all its fields."""

    moment: float
    level: str
    text: str
    fields: dict[str, str]


class Loki:
    """The HTTP interface of a Loki."""

    def __init__(self, url: str, http: httpx.Client | None = None) -> None:
        self.url = url.rstrip("/")
        self._http = http or httpx.Client(timeout=_SECONDS)

    def lines(self, query: str, period: TimeRange) -> list[Line]:
        """The newest lines of a time range, newest first."""
        asked = {
            "query": query,
            "start": f"{int(period.start * 1e9)}",
            "end": f"{int(period.end * 1e9)}",
            "limit": f"{_MOST_LINES}",
            "direction": "backward",
        }
        try:
            answer = self._http.get(f"{self.url}/loki/api/v1/query_range", params=asked)
        except httpx.HTTPError as error:
            raise QuestionError(f"Loki does not answer: {error}") from error
        if answer.status_code != httpx.codes.OK:
            raise QuestionError(f"Loki refused the query: {answer.text.strip()[:500]}")
        return _newest_first(answer)


def _newest_first(answer: httpx.Response) -> list[Line]:
    try:
        streams = answer.json()["data"]["result"]
        lines = [_line(stream["stream"], value) for stream in streams for value in stream["values"]]
    except (ValueError, KeyError, TypeError, IndexError):
        raise QuestionError("Loki answered with no log lines") from None
    return sorted(lines, key=lambda line: line.moment, reverse=True)


def _line(labels: dict[str, str], value: list[Any]) -> Line:
    fields = {**_parsed(value[1]), **labels}
    level = next((fields[name] for name in _LEVELS if name in fields), "")
    return Line(int(value[0]) / 1e9, level, value[1], fields)


def _parsed(text: str) -> dict[str, str]:
    """The fields of a line in JSON."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {key: str(value) for key, value in found.items()} if isinstance(found, dict) else {}

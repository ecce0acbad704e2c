"""Questions to a running Prometheus."""

from collections.abc import Mapping

import httpx

Labels = Mapping[str, str]
Sample = tuple[Labels, float]


class PrometheusApi:
    """The HTTP interface of a Prometheus server."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._http = httpx.Client(base_url=f"{base_url}/api/v1", timeout=30)

    def ready(self) -> bool:
        """Whether the server answers queries."""
        try:
            return httpx.get(f"{self.base_url}/-/ready", timeout=2).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def query(self, expression: str) -> list[Sample]:
        """Evaluate an expression now."""
        result = self._get("query", query=expression)
        if isinstance(result, dict) and result["resultType"] == "scalar":
            return [({}, float(result["result"][1]))]
        series = result["result"] if isinstance(result, dict) else []
        return [(one["metric"], float(one["value"][1])) for one in series]

    def problem(self, expression: str) -> str | None:
        """What is wrong with an expression's syntax."""
        answer = self._http.get("format_query", params={"query": expression}).json()
        return None if answer["status"] == "success" else str(answer["error"])

    def targets(self) -> list[dict[str, object]]:
        """Everything that is scraped."""
        targets = self._get("targets", state="active")
        return list(targets["activeTargets"]) if isinstance(targets, dict) else []

    def series(self) -> str:
        """The labels of all series, as the server sends them."""
        return self._text("series", **{"match[]": '{__name__=~".+"}'})

    def words(self) -> str:
        """Everything else that scrapes have left: metadata, targets and exemplars."""
        exemplars = self._text("query_exemplars", query='{__name__=~".+"}', start="0", end="9e9")
        return self._text("metadata") + self._text("targets") + self._text("rules") + exemplars

    def alerts(self) -> list[dict[str, object]]:
        """The alerts that are pending or firing."""
        alerts = self._get("alerts")
        return list(alerts["alerts"]) if isinstance(alerts, dict) else []

    def _get(self, path: str, **parameters: str) -> object:
        answer = self._http.get(path, params=parameters)
        answer.raise_for_status()
        return answer.json()["data"]

    def _text(self, path: str, **parameters: str) -> str:
        answer = self._http.get(path, params=parameters)
        answer.raise_for_status()
        return answer.text

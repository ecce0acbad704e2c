"""What comes of a panel's queries: data to draw, or the reason why there are none."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kyros_obs.preview import postgres, variables
from kyros_obs.preview.dashboards import Dashboard, Panel, Target, Variable
from kyros_obs.preview.failure import QuestionError
from kyros_obs.preview.loki import Line, Loki
from kyros_obs.preview.marks import Mark, Marks
from kyros_obs.preview.postgres import Postgres, Rows
from kyros_obs.preview.prometheus import Prometheus
from kyros_obs.preview.series import Series, legend
from kyros_obs.preview.timerange import TimeRange, duration, interval, rate_interval
from kyros_obs.preview.view import View

#: Points of a graph for each of the grid's 24 columns.
_POINTS_PER_COLUMN = 40


@dataclass(frozen=True)
class Reason:
    """Why there is nothing to draw; `wrong` where that is an error."""

    text: str
    wrong: bool = False


@dataclass(frozen=True)
class Graph:
    """Series, their time range, the step between their points, and what happened meanwhile."""

    series: Sequence[Series]
    period: TimeRange
    step: float
    marks: Sequence[Mark] = ()


@dataclass(frozen=True)
class Sources:
    """The stores that are asked; `scrape` is Prometheus' interval of scrapes in seconds."""

    prometheus: Prometheus
    loki: Loki | None = None
    postgres: Postgres | None = None
    scrape: float = 15.0

    @cached_property
    def marks(self) -> Marks:
        """What happened, for the graphs."""
        return Marks(self.prometheus, self.scrape)

    def options(self, variable: Variable, period: TimeRange) -> list[str]:
        """What may be chosen of a variable."""
        asked = variables.label_values(variable.query)
        if asked is None:
            return variables.options(variable, variable.current)
        return variables.options(variable, self.prometheus.label_values(*asked, period))


Answer = Graph | Rows | Sequence[Line] | Reason


def ask(sources: Sources, dashboard: Dashboard, panel: Panel, view: View) -> Answer:
    """Ask what a panel asks; whatever goes wrong is a reason, too."""
    try:
        period = TimeRange.parse(view.start, view.end, time.time())
        match panel.source:
            case "prometheus":
                return _series(sources, dashboard, panel, view, period)
            case "loki":
                return _lines(sources, dashboard, panel, view, period)
            case "grafana-postgresql-datasource":
                return _rows(sources, dashboard, panel, view, period)
        return Reason(f"The preview does not know the data source `{panel.source}`.")
    except QuestionError as error:
        return Reason(str(error), wrong=True)
    except ValueError as error:
        return Reason(str(error), wrong=True)


def built_in(period: TimeRange, step: float, scrape: float) -> dict[str, str]:
    """Grafana's own variables."""
    return {
        "__interval": duration(step),
        "__interval_ms": f"{round(step * 1000)}",
        "__rate_interval": duration(rate_interval(step, scrape)),
        "__range": duration(round(period.span)),
        "__range_s": f"{round(period.span)}",
        "__range_ms": f"{round(period.span * 1000)}",
        "__from": f"{round(period.start * 1000)}",
        "__to": f"{round(period.end * 1000)}",
    }


def _series(
    sources: Sources, dashboard: Dashboard, panel: Panel, view: View, period: TimeRange
) -> Answer:
    points = panel.place["w"] * _POINTS_PER_COLUMN
    step = interval(period.span, points, sources.scrape)
    intervals = built_in(period, step, sources.scrape)

    def expression(target: Target) -> str:
        known = dashboard.variables
        return variables.interpolate(
            target.text, known, view.values, intervals, variables.prometheus
        )

    asked = [(target, expression(target)) for target in panel.targets]
    found = [one for target, text in asked for one in _answer(sources, target, text, period, step)]
    if any(one.numbers for one in found):
        return Graph(found, period, step, _marks(sources, dashboard, panel, view))
    return _why_none(sources, [text for _, text in asked], found)


def _marks(sources: Sources, dashboard: Dashboard, panel: Panel, view: View) -> Sequence[Mark]:
    if panel.kind != "timeseries":
        return ()
    return sources.marks.of(dashboard, view.values, (view.start, view.end))


def _answer(
    sources: Sources, target: Target, expression: str, period: TimeRange, step: float
) -> list[Series]:
    if target.instant:
        found = sources.prometheus.at(expression, period.end)
    else:
        found = sources.prometheus.over(expression, period, step)
    return [
        replace(one, name=legend(target.legend, one.labels), letter=target.letter) for one in found
    ]


def _why_none(sources: Sources, asked: Sequence[str], found: Sequence[Series]) -> Reason:
    if found:
        return Reason("No number yet: each value is a quotient of zeros.")
    missing = sorted({name for text in asked for name in sources.prometheus.missing(text)})
    if missing:
        return Reason(f"Prometheus has no series of {', '.join(f'`{name}`' for name in missing)}.")
    return Reason("No data for these choices in this time range.")


def _lines(
    sources: Sources, dashboard: Dashboard, panel: Panel, view: View, period: TimeRange
) -> Answer:
    if sources.loki is None:
        return Reason("Log lines are in Loki. Start the preview with `--loki URL` to see them.")
    intervals = built_in(period, sources.scrape, sources.scrape)
    text = variables.interpolate(
        panel.targets[0].text, dashboard.variables, view.values, intervals, variables.prometheus
    )
    return sources.loki.lines(text, period) or Reason("No such line in this time range.")


def _rows(
    sources: Sources, dashboard: Dashboard, panel: Panel, view: View, period: TimeRange
) -> Answer:
    if sources.postgres is None:
        hint = "Start the preview with `--postgres DSN` to see them."
        return Reason(f"These rows are in Postgres. {hint}")
    text = postgres.with_time(panel.targets[0].text, period)
    harmless = {name: postgres.harmless(chosen) for name, chosen in view.values.items()}
    text = variables.interpolate(text, dashboard.variables, harmless, {}, postgres.quoted)
    found = sources.postgres.rows(text)
    return found if found.rows else Reason("No such row in this time range.")

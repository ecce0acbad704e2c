"""What a reader may choose: variables, time range, how often it is asked again."""

import time
from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from kyros_obs.preview import marks, timerange, variables
from kyros_obs.preview.answers import Sources
from kyros_obs.preview.dashboards import ALL, Dashboard, Variable
from kyros_obs.preview.drawing import colour
from kyros_obs.preview.failure import QuestionError
from kyros_obs.preview.timerange import TimeRange, seconds_of
from kyros_obs.preview.view import View

_BETWEEN = " to "
_RANGES = ("5m", "15m", "30m", "1h", "3h", "6h", "24h", "7d", "30d")
_REFRESHES = {0: "never", 5: "5 s", 10: "10 s", 30: "30 s", 60: "1 min", 300: "5 min"}


def bar(dashboard: Dashboard, sources: Sources, view: View) -> Component:
    """The controls of a dashboard, and the stores that answer."""
    period = TimeRange.parse(view.start, view.end, time.time())
    try:
        chosen = [_variable(one, sources.options(one, period), view) for one in queried(dashboard)]
    except QuestionError as error:
        chosen = [html.Div(str(error), className="reason wrong")]
    return html.Div(
        [
            *chosen,
            _control("Time range", _range(view)),
            _control("Refresh", _refresh(dashboard)),
            _stores(sources),
            _marks(dashboard),
        ],
        className="controls",
    )


def queried(dashboard: Dashboard) -> list[Variable]:
    """The variables that a reader chooses; those that stand for a store are given."""
    return [one for one in dashboard.variables if one.kind == "query"]


def opened(dashboard: Dashboard, sources: Sources, view: View) -> View:
    """The view of a dashboard that is opened: what isn't asked for is as the dashboard says."""
    try:
        period = TimeRange.parse(view.start, view.end, time.time())
    except ValueError:
        view = View(view.values, dashboard.start, dashboard.end)
        period = TimeRange.parse(view.start, view.end, time.time())
    values = {
        one.name: variables.choice(
            one, view.values.get(one.name, ()), _offered(one, sources, period, view)
        )
        for one in queried(dashboard)
    }
    return View({**view.values, **values}, view.start, view.end)


def changed(
    before: Sequence[str], now: Sequence[str] | str | None, variable: Variable
) -> list[str]:
    """What is chosen after a click: all or some, and never nothing."""
    picked = [now] if isinstance(now, str) else list(now or ())
    if ALL in picked and ALL not in before:
        return [ALL]
    some = [value for value in picked if value != ALL] if len(picked) > 1 else picked
    return some or ([ALL] if variable.include_all else list(before))


def ends(chosen: str) -> tuple[str, str]:
    """The two ends of a time range that was picked."""
    start, _, end = chosen.partition(_BETWEEN)
    return start, end


def refresh(dashboard: Dashboard) -> int:
    """After how many seconds a dashboard wants to be asked again."""
    return int(seconds_of(dashboard.refresh) or 0)


def _offered(variable: Variable, sources: Sources, period: TimeRange, view: View) -> Sequence[str]:
    """What there is to choose the first of, asked for only where that matters."""
    if variable.current or view.values.get(variable.name):
        return ()
    try:
        return sources.options(variable, period)
    except QuestionError:
        return ()


def _variable(variable: Variable, offered: Sequence[str], view: View) -> Component:
    chosen = list(view.values.get(variable.name, ()))
    listed = list(dict.fromkeys([*offered, *chosen]))
    dropdown = dcc.Dropdown(
        id={"kind": "variable", "name": variable.name},
        options=[{"label": "All" if one == ALL else one, "value": one} for one in listed],
        value=chosen if variable.multi else next(iter(chosen), None),
        multi=variable.multi,
        clearable=False,
    )
    return _control(variable.label, dropdown)


def _range(view: View) -> Component:
    ranges = {f"now-{span}{_BETWEEN}now": timerange.said(f"now-{span}", "now") for span in _RANGES}
    here = f"{view.start}{_BETWEEN}{view.end}"
    known = {here: timerange.said(view.start, view.end), **ranges}
    options = [{"label": name, "value": value} for value, name in known.items()]
    return dcc.Dropdown(id="range", options=options, value=here, clearable=False)


def _refresh(dashboard: Dashboard) -> Component:
    seconds = refresh(dashboard)
    offered = dict(sorted({seconds: f"{seconds} s", **_REFRESHES}.items()))
    options = [{"label": name, "value": value} for value, name in offered.items()]
    return dcc.Dropdown(
        id="refresh", options=options, value=seconds, clearable=False, searchable=False
    )


def _control(label: str, inside: Component) -> Component:
    return html.Div([html.Label(label), inside], className="control")


def _stores(sources: Sources) -> Component:
    given = {
        "Prometheus": True,
        "Loki": sources.loki is not None,
        "Postgres": sources.postgres is not None,
    }
    chips = [
        html.Span(
            name,
            className="store" if there else "store absent",
            title="" if there else f"{name} was not given",
        )
        for name, there in given.items()
    ]
    return _control("Stores", html.Div(chips, className="stores"))


def _marks(dashboard: Dashboard) -> Component:
    chips = [
        html.Span([html.I(style={"background": colour.NAMED.get(ink, ink)}), name])
        for name, ink in marks.names(dashboard).items()
    ]
    return _control("Marked on graphs", html.Div(chips, className="stores marks"))

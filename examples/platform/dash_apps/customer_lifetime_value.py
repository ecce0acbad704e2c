"""Customer lifetime value: the application behind `customer_lifetime_value:server`."""

import tempfile

import dash
import diskcache  # type: ignore[import-untyped]
import plotly.graph_objects as go
from dash import MATCH, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

import kyros_obs
from examples.platform.dash_apps.access import guard, tenant_id, tenant_id_of_job
from examples.platform.dash_apps.pages import create_app, navigation
from examples.platform.portfolio import SEGMENTS, lifetime_value, policies
from examples.platform.tenants import CUSTOMER_LIFETIME_VALUE

_USUAL_DISCOUNT = 0.1

kyros_obs.configure(service="dash-app-clv", env="demo", app_slug=CUSTOMER_LIFETIME_VALUE)
app = create_app(CUSTOMER_LIFETIME_VALUE)
server = app.server
#: Results of what runs in the background, for all workers: they are forked from here.
reports = dash.DiskcacheManager(diskcache.Cache(tempfile.mkdtemp(prefix="reports-")))
guard(server)
kyros_obs.instrument(app)


def overview() -> html.Div:
    """The first page: the value of the portfolio by segment."""
    return html.Div(
        [
            dcc.Dropdown([*SEGMENTS], id="segment"),
            dcc.Slider(1, 25, id="horizon", value=10),
            dcc.Graph(id="value-graph"),
            html.Div(id="total"),
            html.Div(id="average"),
        ]
    )


def scenarios() -> html.Div:
    """The second page: what another discount rate would do."""
    return html.Div(
        [
            dcc.Input(id="discount", type="number", value=0.03),
            html.Button("Recalculate", id="recalculate"),
            html.Div(id="scenario"),
            html.Div(id="note"),
            html.Button("Report", id="make-report"),
            html.Div(id="report"),
        ]
    )


def cohorts() -> html.Div:
    """The third page: customers by the years they stay."""
    return html.Div([_cohort(index) for index in range(3)])


def _cohort(index: int) -> html.Div:
    years = dcc.Slider(1, 25, id={"type": "cohort-years", "index": index}, value=index + 1)
    return html.Div([years, html.Div(id={"type": "cohort", "index": index})])


dash.register_page("overview", path="/", name="Overview", layout=overview)
dash.register_page("scenarios", path="/scenarios", name="Scenarios", layout=scenarios)
dash.register_page("cohorts", path="/cohorts", name="Cohorts", layout=cohorts)
app.layout = navigation


@app.callback(Output("value-graph", "figure"), Input("segment", "value"))
def draw_values(segment: str | None) -> go.Figure:
    """Draw the value of each policy of a segment."""
    values = [lifetime_value(policy, 0.03) for policy in policies(tenant_id(), segment)]
    return go.Figure(go.Histogram(x=values))


@app.callback(
    Output("total", "children"),
    Output("average", "children"),
    Input("segment", "value"),
    Input("horizon", "value"),
)
def summarise(segment: str | None, horizon: int) -> tuple[str, str]:
    """Answer the sum and the mean of the values within a horizon."""
    chosen = [policy for policy in policies(tenant_id(), segment) if policy.years <= horizon]
    total = sum(lifetime_value(policy, 0.03) for policy in chosen)
    return f"{total:.0f} EUR", f"{total / max(len(chosen), 1):.0f} EUR"


@app.callback(
    Output("scenario", "children"), Input("recalculate", "n_clicks"), State("discount", "value")
)
@kyros_obs.observe("recalculate")
def recalculate(clicks: int | None, discount: float) -> str:
    """Answer the portfolio's value at another discount rate."""
    if not clicks:
        raise PreventUpdate
    total = sum(lifetime_value(policy, discount) for policy in policies(tenant_id()))
    return f"{total:.0f} EUR at {discount:.1%}"


@app.callback(Output("note", "children"), Input("discount", "value"))
def explain_discount(discount: float) -> str | dash.NoUpdate:
    """Warn of a discount rate that is out of the ordinary."""
    return "unusually high" if discount > _USUAL_DISCOUNT else dash.no_update


@app.callback(
    Output("report", "children"),
    Input("make-report", "n_clicks"),
    background=True,
    manager=reports,
    prevent_initial_call=True,
)
def make_report(_clicks: int) -> str:
    """Value each policy at each rate, in a process of its own: nobody waits for it."""
    chosen = policies(tenant_id_of_job())
    rates = [rate / 1000 for rate in range(100)]
    totals = [sum(lifetime_value(policy, rate) for policy in chosen) for rate in rates]
    return f"between {min(totals):.0f} and {max(totals):.0f} EUR"


@app.callback(
    Output({"type": "cohort", "index": MATCH}, "children"),
    Input({"type": "cohort-years", "index": MATCH}, "value"),
)
def count_cohort(years: int) -> str:
    """Count the customers that stay as long."""
    return str(sum(policy.years >= years for policy in policies(tenant_id())))

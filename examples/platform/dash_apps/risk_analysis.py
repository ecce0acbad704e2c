"""Risk analysis: the application behind `risk_analysis:server`.

The portfolio of one tenant is damaged: two callbacks fail for it, one of them unseen by the user.
"""

import dash
import plotly.graph_objects as go
from dash import ALL, Input, Output, dcc, html
from dash.exceptions import PreventUpdate

import kyros_obs
from examples.platform.dash_apps.access import email, guard, tenant_id
from examples.platform.dash_apps.pages import create_app, navigation
from examples.platform.portfolio import SEGMENTS, policies, value_at_risk
from examples.platform.tenants import RISK_ANALYSIS

kyros_obs.configure(service="dash-app-risk", env="demo", app_slug=RISK_ANALYSIS)
app = create_app(RISK_ANALYSIS)
server = app.server
guard(server)
kyros_obs.instrument(app)


def exposure() -> html.Div:
    """The first page: where the premiums are."""
    return html.Div(
        [
            dcc.Dropdown([*SEGMENTS], id="segment"),
            html.Table(id="policies"),
            dcc.Graph(id="exposure-graph"),
            html.Div(id="premium"),
            html.Div(id="worst-ratio"),
        ]
    )


def tail() -> html.Div:
    """The second page: how bad it can get."""
    return html.Div(
        [
            dcc.Slider(0.5, 0.99, id="level", value=0.95),
            html.Div(id="value-at-risk"),
            dcc.Graph(id="stress-graph"),
            html.Button("Details", id="details"),
            html.Div(id="detail"),
            *[dcc.Slider(0, 1, id={"type": "limit", "index": name}, value=1) for name in SEGMENTS],
            html.Div(id="breaches"),
        ]
    )


dash.register_page("exposure", path="/", name="Exposure", layout=exposure)
dash.register_page("tail", path="/tail", name="Tail", layout=tail)
app.layout = navigation


@app.callback(Output("policies", "children"), Input("segment", "value"))
def list_policies(segment: str | None) -> list[html.Tr]:
    """List the policies of a segment."""
    return [
        html.Tr([html.Td(policy.number), html.Td(policy.segment), html.Td(policy.premium)])
        for policy in policies(tenant_id(), segment)
    ]


@app.callback(Output("exposure-graph", "figure"), Input("segment", "value"))
def draw_exposure(segment: str | None) -> go.Figure:
    """Draw premiums against loss ratios."""
    chosen = policies(tenant_id(), segment)
    premiums = [policy.premium for policy in chosen]
    return go.Figure(go.Scatter(x=premiums, y=[policy.loss_ratio for policy in chosen]))


@app.callback(
    Output("premium", "children"), Output("worst-ratio", "children"), Input("segment", "value")
)
def summarise(segment: str | None) -> tuple[str, str]:
    """Answer the sum of the premiums and the worst loss ratio."""
    chosen = policies(tenant_id(), segment)
    worst = max(policy.loss_ratio for policy in chosen)
    return f"{sum(policy.premium for policy in chosen):.0f} EUR", f"{worst:.1%}"


@app.callback(Output("value-at-risk", "children"), Input("level", "value"))
def show_value_at_risk(level: float) -> str:
    """Answer the value at risk; fails for a damaged portfolio."""
    return f"{value_at_risk(tenant_id(), email(), level):.0f} EUR"


def _empty_figure(_error: Exception) -> go.Figure:
    return go.Figure()


@app.callback(Output("stress-graph", "figure"), Input("level", "value"), on_error=_empty_figure)
def draw_stress(level: float) -> go.Figure:
    """Draw losses under stress; a damaged portfolio shows as an empty figure, not as an error."""
    base = value_at_risk(tenant_id(), email(), level)
    return go.Figure(go.Bar(y=[base, base * 1.5, base * 2.2]))


@app.callback(Output("detail", "children"), Input("details", "n_clicks"))
def show_detail(clicks: int | None) -> str:
    """Answer details once they are asked for."""
    if not clicks:
        raise PreventUpdate
    return f"{len(policies(tenant_id()))} policies"


@app.callback(Output("breaches", "children"), Input({"type": "limit", "index": ALL}, "value"))
def count_breaches(limits: list[float]) -> str:
    """Count the policies over the strictest limit."""
    return str(sum(policy.loss_ratio > min(limits) for policy in policies(tenant_id())))

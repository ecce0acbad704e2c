"""What both Dash applications share: pages, navigation, and the record of what was opened."""

import dash
from dash import Input, Output, dcc, html

import kyros_obs


def create_app(slug: str) -> dash.Dash:
    """Make an application under `/dash/{slug}/` whose pages are registered in code."""
    return dash.Dash(
        slug,
        url_base_pathname=f"/dash/{slug}/",
        use_pages=True,
        pages_folder="",
        suppress_callback_exceptions=True,
    )


def navigation() -> html.Div:
    """The frame around all pages."""
    links = [dcc.Link(page["name"], href=page["path"]) for page in dash.page_registry.values()]
    return html.Div(
        [dcc.Location(id="address"), dcc.Store(id="opened"), *links, dash.page_container]
    )


def audit_views(app: dash.Dash, slug: str) -> None:
    """Write one audit row for every page that is opened.

    The pages' layout functions would be the wrong place: Dash also calls them when nobody looks.
    """

    @app.callback(Output("opened", "data"), Input("address", "pathname"))
    def open_page(pathname: str) -> str:
        kyros_obs.audit("view_dashboard", resource=slug, page=pathname)
        return pathname

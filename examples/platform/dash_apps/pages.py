"""What both Dash applications share: pages, and navigation between them."""

import dash
from dash import dcc, html


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
    links = [
        dcc.Link(page["name"], href=page["relative_path"]) for page in dash.page_registry.values()
    ]
    return html.Div([*links, dash.page_container])

"""Links to other dashboards, from the top of one and from its series and rows."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from kyros_obs.preview.dashboards import Panel
from kyros_obs.preview.view import View

_REFERENCE = re.compile(r"\$\{__(?:field\.labels|data\.fields)\.(?P<name>\w+)\}")
_OWN = "/d/"


def dashboard(uid: str, view: View) -> str:
    """The address of a dashboard, with the variables and the time range of where one is."""
    return f"{_OWN}{uid}?{view.query}"


def of(panel: Panel, facts: Mapping[str, str], view: View) -> tuple[str, str] | None:
    """The title and the address of a panel's first link that leads to a dashboard.

    `facts` are the labels of a series or the cells of a row; a link that needs others is none.
    Links to Grafana's Explore lead nowhere here.
    """
    for link in panel.links:
        address = _address(link["url"], facts, view) if link["url"].startswith(_OWN) else None
        if address is not None:
            return str(link["title"]), address
    return None


def _address(template: str, facts: Mapping[str, str], view: View) -> str | None:
    if any(name not in facts for name in _REFERENCE.findall(template)):
        return None
    filled = _REFERENCE.sub(lambda match: quote(facts[match["name"]], safe=""), template)
    return filled.replace("${__url_time_range}", view.time)

"""The entry point `dash_hooks`: Dash loads it by itself and hands over each application.

It instruments applications that don't know of us, and is off unless the setting says otherwise.
"""

import os
from typing import TYPE_CHECKING

from kyros_obs._guard import Guard
from kyros_obs._native import Runtime
from kyros_obs._vocabulary import ENVIRONMENT, SETTING_DASH, SETTING_SERVICE
from kyros_obs.frameworks import instrument

if TYPE_CHECKING:
    import dash

_guard = Guard("dash_hook")


def _observe(app: "dash.Dash") -> None:
    with _guard:
        instrument(app)


def _is_on() -> bool:
    """Whether the environment says so; a word that is no flag says nothing."""
    with _guard:
        word = os.environ.get(ENVIRONMENT[SETTING_DASH])
        given = {SETTING_SERVICE: "any", SETTING_DASH: word or "false"}
        return Runtime.resolve(given)[SETTING_DASH] == "true"
    return False


if _is_on():
    from dash import hooks

    hooks.setup()(_observe)

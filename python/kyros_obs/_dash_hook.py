"""The entry point `dash_hooks`: Dash loads it by itself and hands over each application.

It instruments applications that don't know of us, and is off unless the setting says otherwise.
"""

import os
from typing import TYPE_CHECKING

from kyros_obs._guard import Guard
from kyros_obs._vocabulary import ENVIRONMENT, SETTING_DASH
from kyros_obs.frameworks import instrument

if TYPE_CHECKING:
    import dash

_ON = ("1", "true", "yes", "on")


def _observe(app: "dash.Dash") -> None:
    with Guard("dash_hook"):
        instrument(app)


if os.environ.get(ENVIRONMENT[SETTING_DASH], "").lower() in _ON:
    from dash import hooks

    hooks.setup()(_observe)

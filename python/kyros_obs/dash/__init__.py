"""Dash: measures every server callback of an application, whatever backend runs it, and its views.

`application` takes an application over, `callbacks` is where its callbacks come in, `run` what is
measured of one, `background` what is of one that a worker runs, `views` what is of pages.
"""

from kyros_obs.dash.application import instrument
from kyros_obs.dash.label import bounded_label

__all__ = ["bounded_label", "instrument"]

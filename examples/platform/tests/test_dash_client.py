"""The driver names callbacks as Dash does."""

import dash
import pytest
from dash import MATCH, Input, Output

from examples.platform.traffic.dash_client import Trigger, callback_id


@pytest.mark.parametrize(
    ("outputs", "trigger"),
    [
        ([Output("total", "children")], "total.children"),
        ([Output("a", "children"), Output("b", "value")], "a.children b.value"),
        (
            [Output({"type": "row", "index": MATCH}, "children")],
            '{"index":3,"type":"row"}.children',
        ),
    ],
)
def test_a_callback_has_the_id_that_dash_gives_it(outputs: list[Output], trigger: str) -> None:
    """One output, several, and one with a wildcard that the browser has resolved."""
    app = dash.Dash("names")
    given = {"type": "x", "index": MATCH} if "{" in trigger else "x"
    app.callback(*outputs, Input(given, "value"))(lambda value: value)
    assert list(app.callback_map) == [callback_id(Trigger(trigger, {"x.value": 1}))]

"""Labels of Dash callbacks: bounded, stable, and declared by code, never by a client."""

import hashlib
from typing import Any

import dash
import pytest
from dash import MATCH, Input, Output, html

import kyros_obs
from kyros_obs.dash import bounded_label
from kyros_obs.testing import Captured, capture
from tests.clients import target, trigger

CLICK = ("go", "n_clicks", 1)


def make_app(prefix: str = "/dash/clv/") -> dash.Dash:
    """An application with one callback."""
    app = dash.Dash("app", url_base_pathname=prefix)
    app.layout = html.Div()

    @app.callback(Output("fine", "children"), Input("go", "n_clicks"))
    def fine(clicks: int) -> str:
        return str(clicks)

    return app


def test_pattern_matching_label(seen: Captured) -> None:
    """The label is the declared wildcard, however many components match it."""
    app = make_app()

    @app.callback(
        Output({"type": "x", "index": MATCH}, "children"),
        Input({"type": "x", "index": MATCH}, "id"),
    )
    def matched(one: dict[str, object]) -> str:
        return str(one)

    kyros_obs.instrument(app)
    for index in range(20):
        component = {"type": "x", "index": index}
        output = '{"index":["MATCH"],"type":"x"}.children'
        trigger(
            app.server,
            output,
            target(component, "children"),
            (component, "id", component),
            prefix="/dash/clv/",
        )
    assert [
        sample.labels["callback"] for sample in seen.samples("dash_callback_errors_total")
    ] == []
    assert seen.metric("dash_callbacks_total", callback=output, outcome="ok") == 20


def test_unknown_callback_is_no_label(seen: Captured) -> None:
    """An output that a client made up is a failed request and no series."""
    app = kyros_obs.instrument(make_app())
    trigger(app.server, "made.up", target("made", "up"), CLICK, prefix="/dash/clv/")
    assert seen.samples("dash_callbacks_total") == []


LONG = f"..{'...'.join(f'component-{number}.children' for number in range(40))}.."
HASH = hashlib.sha256(b"inputs").hexdigest()


@pytest.mark.parametrize(
    ("callback_id", "label"),
    [
        ("o1.children", "o1.children"),
        ("..o2.children...o3.children..", "..o2.children...o3.children.."),
        (f"o1.children@{HASH}", f"o1.children@{HASH[:8]}"),
        (HASH, f"test_labels#{HASH[:8]}"),
        (LONG, f"component-0.children+39#{hashlib.sha256(LONG.encode()).hexdigest()[:8]}"),
    ],
)
def test_labels(callback_id: str, label: str) -> None:
    """A label is bounded and stable."""
    assert bounded_label(callback_id, test_labels) == label


def test_label_without_output_and_input() -> None:
    """Dash's id is a hash of where the source is installed; the label is not."""
    labels = {bounded_label(one, test_labels, has_inputs=False) for one in (HASH, HASH[::-1])}
    name = f"{__name__}.test_labels"
    assert labels == {f"test_labels#{hashlib.sha256(name.encode()).hexdigest()[:8]}"}


@pytest.mark.parametrize("length", [1, 99, 100, 101, 1000, 100_000])
def test_labels_are_bounded(length: int) -> None:
    """Whatever the id, the label has at most 120 characters, and two ids have two labels."""
    labels = {bounded_label("x" * length + end, test_labels) for end in (".a", ".b")}
    assert len(labels) == 2
    assert max(map(len, labels)) <= 120


def test_setting_names_one_application() -> None:
    """Another one of the process is told apart from it."""
    with capture(app_slug="set") as seen:
        for prefix in ("/dash/clv/", "/dash/risk/"):
            app = kyros_obs.instrument(make_app(prefix))
            trigger(app.server, "fine.children", target("fine", "children"), CLICK, prefix=prefix)
        for slug in ("set", "risk"):
            assert seen.metric("dash_callbacks_total", app_slug=slug) == 1


@pytest.mark.parametrize(
    ("settings", "options", "prefix", "slug"),
    [
        ({}, {"app_slug": "given"}, "/dash/clv/", "given"),
        ({"app_slug": "set"}, {}, "/dash/clv/", "set"),
        ({}, {}, "/dash/customer-lifetime-value/", "customer-lifetime-value"),
        ({}, {}, "/", "app"),
    ],
)
def test_app_slug(
    settings: dict[str, str], options: dict[str, Any], prefix: str, slug: str
) -> None:
    """The argument, the setting, the end of the path prefix, the name: the first there is."""
    with capture(**settings) as seen:
        app = kyros_obs.instrument(make_app(prefix), **options)
        trigger(app.server, "fine.children", target("fine", "children"), CLICK, prefix=prefix)
        assert seen.metric("dash_callbacks_total", app_slug=slug) == 1

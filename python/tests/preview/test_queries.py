"""What becomes of a query's variables, a time range's ends, a series' name, a number's unit."""

import math

import pytest

from kyros_obs.preview import answers, links, timerange, units, variables
from kyros_obs.preview.controls import changed
from kyros_obs.preview.dashboards import ALL, Panel, Variable
from kyros_obs.preview.postgres import harmless, with_time
from kyros_obs.preview.prometheus import metrics
from kyros_obs.preview.series import legend
from kyros_obs.preview.timerange import TimeRange
from kyros_obs.preview.view import View, asked

NOW = 1_700_000_000.0
MANY = Variable("x", "X", "query", "", multi=True, include_all=True, all_value=".+")
ONE = Variable("x", "X", "query", "")


@pytest.mark.parametrize(
    ("text", "variable", "chosen", "written"),
    [
        ('{a=~"$x"}', MANY, [ALL], '{a=~".+"}'),
        ('{a=~"$x"}', MANY, ["b"], '{a=~"b"}'),
        ('{a=~"$x"}', MANY, ["b", "c.d"], '{a=~"(b|c\\\\.d)"}'),
        ('{a=~"${x}"}', ONE, ['q"'], '{a=~"q\\""}'),
        ("'^(${x:regex})$'", MANY, ["b", "c.d"], "'^((b|c\\.d))$'"),
        ("'^(${x:regex})$'", MANY, [ALL], "'^(.+)$'"),
        ("[[x]] $xy $y", ONE, ["b"], "b $xy $y"),
        ("rate(a[$__rate_interval])", ONE, ["b"], "rate(a[60s])"),
    ],
)
def test_interpolation(text: str, variable: Variable, chosen: list[str], written: str) -> None:
    """As Grafana writes it."""
    built_in = answers.built_in(TimeRange(NOW - 300, NOW), 2.0, 15.0)
    values = {"x": chosen}
    found = variables.interpolate(text, [variable], values, built_in, variables.prometheus)
    assert found == written


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("label_values(up, job)", ("up", "job")),
        ('label_values(up{a="b, c"}, job)', ('up{a="b, c"}', "job")),
        ("label_values(job)", (None, "job")),
        ("query_result(up)", None),
    ],
)
def test_label_values(query: str, parts: tuple[str | None, str] | None) -> None:
    """The selector and the label."""
    assert variables.label_values(query) == parts


@pytest.mark.parametrize(
    ("before", "now", "variable", "chosen"),
    [
        ([ALL], [ALL, "a"], MANY, ["a"]),
        (["a"], ["a", ALL], MANY, [ALL]),
        (["a"], ["a", "b"], MANY, ["a", "b"]),
        (["a"], [], MANY, [ALL]),
        (["a"], "b", ONE, ["b"]),
        (["a"], None, ONE, ["a"]),
    ],
)
def test_clicks(
    before: list[str], now: list[str] | str | None, variable: Variable, chosen: list[str]
) -> None:
    """All or some, and never nothing."""
    assert changed(before, now, variable) == chosen


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW),
        ("now-90m", NOW - 5400),
        ("now-7d", NOW - 604800),
        ("1699999999000", NOW - 1),
        ("2023-11-14T22:13:20+00:00", NOW),
    ],
)
def test_moments(text: str, moment: float) -> None:
    """Grafana's notation."""
    assert timerange.moment(text, NOW) == moment


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("now-1h", "now", "Last hour"),
        ("now-15m", "now", "Last 15 minutes"),
        ("now-2h", "now-1h", "now-2h to now-1h"),
        ("2023-11-14", "now", "2023-11-14 to now"),
    ],
)
def test_words(start: str, end: str, words: str) -> None:
    """What the picker calls a range."""
    assert timerange.said(start, end) == words


@pytest.mark.parametrize(("start", "end"), [("soon", "now"), ("now", "now-1h"), ("now", "now")])
def test_no_range(start: str, end: str) -> None:
    """What is no range says so."""
    with pytest.raises(ValueError, match=r"moment|ends before"):
        TimeRange.parse(start, end, NOW)


@pytest.mark.parametrize(
    ("span", "points", "scrape", "step", "rate"),
    [
        (3600, 320, 15, 15, 60),
        (300, 320, 2, 2, 8),
        (86400, 320, 15, 300, 315),
        (604800, 960, 15, 600, 615),
    ],
)
def test_intervals(span: float, points: int, scrape: float, step: float, rate: float) -> None:
    """`$__interval` and `$__rate_interval`."""
    found = timerange.interval(span, points, scrape)
    assert (found, timerange.rate_interval(found, scrape)) == (step, rate)


@pytest.mark.parametrize(
    ("text", "seconds"), [("15s", 15), ("1m30s", 90), ("500ms", 0.5), ("2h", 7200), ("x", None)]
)
def test_durations(text: str, seconds: float | None) -> None:
    """Prometheus' notation."""
    assert timerange.seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0123, "s", "12.3 ms"),
        (90, "s", "1.5 min"),
        (0, "s", "0 s"),
        (0.000045, "s", "45 µs"),
        (250, "ms", "250 ms"),
        (0.0213, "percentunit", "2.13%"),
        (1, "percentunit", "100%"),
        (1536, "bytes", "1.5 KiB"),
        (2_500_000, "Bps", "2.5 MB/s"),
        (1234, "short", "1.23 K"),
        (7, "short", "7"),
        (12.5, "reqps", "12.5 req/s"),
        (0.5, "cps", "0.5 c/s"),
        (1, "bool_yes_no", "Yes"),
        (0, "bool_yes_no", "No"),
        (-3, "none", "-3"),
        (math.nan, "s", "-"),
        (None, "s", "-"),
        (math.inf, "short", "∞"),
    ],
)
def test_units(value: float | None, unit: str, text: str) -> None:
    """Three digits, and the unit its readers know."""
    assert units.formatted(value, unit) == text


@pytest.mark.parametrize(
    ("low", "high", "unit", "marks"),
    [
        (0, 1, "percentunit", [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 300, "s", [0, 60, 120, 180, 240, 300]),
        (0, 4096, "bytes", [0, 1024, 2048, 3072, 4096]),
        (2, 2, "short", [2]),
    ],
)
def test_ticks(low: float, high: float, unit: str, marks: list[float]) -> None:
    """Round in the unit."""
    assert units.ticks(low, high, unit) == pytest.approx(marks)


@pytest.mark.parametrize(
    ("template", "labels", "name"),
    [
        ("{{a}} P95", {"a": "x"}, "x P95"),
        ("{{ a }} {{b}}", {"a": "x"}, "x"),
        ("", {"__name__": "up", "a": "x"}, 'up{a="x"}'),
        ("", {}, ""),
    ],
)
def test_legend(template: str, labels: dict[str, str], name: str) -> None:
    """The name of a series."""
    assert legend(template, labels) == name


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('sum by (a, le) (rate(x_total{b=~"c{2}"}[5m])) or 0 * y', {"x_total", "y"}),
        ("histogram_quantile(0.95, sum(rate(z_bucket[$__rate_interval])))", {"z_bucket"}),
        ("job:x:ratio > on(a) group_left(b) up or on() vector(0)", {"job:x:ratio", "up"}),
    ],
)
def test_metrics(expression: str, names: set[str]) -> None:
    """What a query names, for saying what isn't there."""
    assert metrics(expression) == names


@pytest.mark.parametrize(
    ("url", "facts", "address"),
    [
        ("/d/t?var-a=${__field.labels.a}&${__url_time_range}", {"a": "b c"}, "/d/t?var-a=b%20c&"),
        ("/d/t?var-a=${__data.fields.a}&${__url_time_range}", {"a": "b"}, "/d/t?var-a=b&"),
        ("/d/t?var-a=${__data.fields.a}&${__url_time_range}", {}, None),
        ("/explore?panes=x", {"a": "b"}, None),
    ],
)
def test_links(url: str, facts: dict[str, str], address: str | None) -> None:
    """Links carry a row's value and the time range; those to Explore lead nowhere."""
    panel = Panel(1, "table", "", "", "", {}, (), {"links": [{"title": "T", "url": url}]})
    found = links.of(panel, facts, View({}, "now-5m", "now"))
    assert found == (address and ("T", f"{address}from=now-5m&to=now"))


def test_addresses() -> None:
    """A view survives being an address."""
    view = View({"a": ["b", "c&d"], "e": [ALL]}, "now-5m", "now")
    assert asked(f"?{view.query}", "now-1h", "now") == view
    assert View.kept(view.stored()) == view


def test_sql() -> None:
    """Time filters are written out, and no value ends a text."""
    text = with_time("WHERE $__timeFilter(ts)", TimeRange(0, 1.5))
    start, end = "1970-01-01T00:00:00.000+00:00", "1970-01-01T00:00:01.500+00:00"
    assert text == f"WHERE ts BETWEEN '{start}' AND '{end}'"
    assert harmless(["a'; DROP"]) == ["a''; DROP"]

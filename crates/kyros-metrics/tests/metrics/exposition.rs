//! The text of each kind of family in both formats.

use expect_test::{Expect, expect};
use kyros_metrics::{Exemplar, Format, Registry};
use kyros_schema::{Metric, MetricKind};

use crate::{registry, render};

const OVERLAY: &str = r#"
[label.queue]
help = "The queue."
bound = 10

[metric.jobs_total]
kind = "counter"
help = 'Jobs; a "quoted" \ and\n text.'
labels = ["queue"]

[metric.job_seconds_total]
kind = "counter"
unit = "seconds"
help = "Time in jobs."

[metric.job_bytes]
kind = "summary"
unit = "bytes"
help = "Size."
labels = ["queue"]

[metric.job_duration_seconds]
kind = "histogram"
unit = "seconds"
help = "Duration."
labels = ["queue"]
buckets = [0.00001, 0.005, 1, 1000000]

[metric.queue_fill_ratio]
kind = "gauge"
unit = "ratio"
help = """Share
of the queue's room."""
labels = ["queue"]
"#;

fn check(fill: impl Fn(&Registry), open: &Expect, classic: &Expect) {
    let registry = registry(OVERLAY);
    fill(&registry);
    open.assert_eq(&render(&registry, Format::OpenMetrics));
    classic.assert_eq(&render(&registry, Format::Classic));
}

#[test]
fn counters_are_named_as_each_format_wants() {
    check(
        |registry| {
            let jobs = registry.family("jobs_total").unwrap();
            jobs.series(&["b"]).add(2.0);
            jobs.series(&["a"]).add(0.25);
            registry.family("job_seconds_total").unwrap().series(&[]).add(1.5);
        },
        &expect![[r##"
            # HELP jobs Jobs; a \"quoted\" \\ and\\n text.
            # TYPE jobs counter
            jobs_total{queue="a"} 0.25
            jobs_total{queue="b"} 2
            # HELP job_seconds Time in jobs.
            # TYPE job_seconds counter
            # UNIT job_seconds seconds
            job_seconds_total 1.5
            # EOF
        "##]],
        &expect![[r##"
            # HELP jobs_total Jobs; a "quoted" \\ and\\n text.
            # TYPE jobs_total counter
            jobs_total{queue="a"} 0.25
            jobs_total{queue="b"} 2
            # HELP job_seconds_total Time in jobs.
            # TYPE job_seconds_total counter
            job_seconds_total 1.5
        "##]],
    );
}

#[test]
fn histograms_have_canonical_bounds_and_a_count_that_is_theirs() {
    check(
        |registry| {
            let series = registry.family("job_duration_seconds").unwrap().series(&["a"]);
            for value in [0.0, 0.005, 0.005_000_001, 0.9, 1.0, 2_000_000.0] {
                series.observe(value);
            }
        },
        &expect![[r##"
            # HELP job_seconds Time in jobs.
            # TYPE job_seconds counter
            # UNIT job_seconds seconds
            job_seconds_total 0
            # HELP job_duration_seconds Duration.
            # TYPE job_duration_seconds histogram
            # UNIT job_duration_seconds seconds
            job_duration_seconds_bucket{queue="a",le="1e-05"} 1
            job_duration_seconds_bucket{queue="a",le="0.005"} 2
            job_duration_seconds_bucket{queue="a",le="1.0"} 5
            job_duration_seconds_bucket{queue="a",le="1e+06"} 5
            job_duration_seconds_bucket{queue="a",le="+Inf"} 6
            job_duration_seconds_sum{queue="a"} 2000001.910000001
            job_duration_seconds_count{queue="a"} 6
            # EOF
        "##]],
        &expect![[r##"
            # HELP job_seconds_total Time in jobs.
            # TYPE job_seconds_total counter
            job_seconds_total 0
            # HELP job_duration_seconds Duration.
            # TYPE job_duration_seconds histogram
            job_duration_seconds_bucket{queue="a",le="1e-05"} 1
            job_duration_seconds_bucket{queue="a",le="0.005"} 2
            job_duration_seconds_bucket{queue="a",le="1.0"} 5
            job_duration_seconds_bucket{queue="a",le="1e+06"} 5
            job_duration_seconds_bucket{queue="a",le="+Inf"} 6
            job_duration_seconds_sum{queue="a"} 2000001.910000001
            job_duration_seconds_count{queue="a"} 6
        "##]],
    );
}

#[test]
fn what_is_no_amount_is_counted_and_adds_nothing() {
    check(
        |registry| {
            let series = registry.family("job_duration_seconds").unwrap().series(&["a"]);
            for value in [-1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                series.observe(value);
            }
            registry.family("jobs_total").unwrap().series(&["a"]).add(-3.0);
        },
        &expect![[r##"
            # HELP jobs Jobs; a \"quoted\" \\ and\\n text.
            # TYPE jobs counter
            jobs_total{queue="a"} 0
            # HELP job_seconds Time in jobs.
            # TYPE job_seconds counter
            # UNIT job_seconds seconds
            job_seconds_total 0
            # HELP job_duration_seconds Duration.
            # TYPE job_duration_seconds histogram
            # UNIT job_duration_seconds seconds
            job_duration_seconds_bucket{queue="a",le="1e-05"} 2
            job_duration_seconds_bucket{queue="a",le="0.005"} 2
            job_duration_seconds_bucket{queue="a",le="1.0"} 2
            job_duration_seconds_bucket{queue="a",le="1e+06"} 2
            job_duration_seconds_bucket{queue="a",le="+Inf"} 4
            job_duration_seconds_sum{queue="a"} 0
            job_duration_seconds_count{queue="a"} 4
            # EOF
        "##]],
        &expect![[r##"
            # HELP jobs_total Jobs; a "quoted" \\ and\\n text.
            # TYPE jobs_total counter
            jobs_total{queue="a"} 0
            # HELP job_seconds_total Time in jobs.
            # TYPE job_seconds_total counter
            job_seconds_total 0
            # HELP job_duration_seconds Duration.
            # TYPE job_duration_seconds histogram
            job_duration_seconds_bucket{queue="a",le="1e-05"} 2
            job_duration_seconds_bucket{queue="a",le="0.005"} 2
            job_duration_seconds_bucket{queue="a",le="1.0"} 2
            job_duration_seconds_bucket{queue="a",le="1e+06"} 2
            job_duration_seconds_bucket{queue="a",le="+Inf"} 4
            job_duration_seconds_sum{queue="a"} 0
            job_duration_seconds_count{queue="a"} 4
        "##]],
    );
}

#[test]
fn summaries_and_gauges() {
    check(
        |registry| {
            let size = registry.family("job_bytes").unwrap().series(&["a"]);
            size.observe(1_234_567.0);
            size.observe(0.0);
            let fill = registry.family("queue_fill_ratio").unwrap();
            fill.series(&["a"]).set(0.75);
            fill.series(&["b"]).add(3.0);
            fill.series(&["b"]).add(-5.0);
            fill.series(&["c"]).set(f64::NAN);
            fill.series(&["d"]).set(f64::NEG_INFINITY);
            fill.series(&["e"]).set(1e21);
        },
        &expect![[r##"
            # HELP job_seconds Time in jobs.
            # TYPE job_seconds counter
            # UNIT job_seconds seconds
            job_seconds_total 0
            # HELP job_bytes Size.
            # TYPE job_bytes summary
            # UNIT job_bytes bytes
            job_bytes_sum{queue="a"} 1234567
            job_bytes_count{queue="a"} 2
            # HELP queue_fill_ratio Share\nof the queue's room.
            # TYPE queue_fill_ratio gauge
            # UNIT queue_fill_ratio ratio
            queue_fill_ratio{queue="a"} 0.75
            queue_fill_ratio{queue="b"} -2
            queue_fill_ratio{queue="c"} NaN
            queue_fill_ratio{queue="d"} -Inf
            queue_fill_ratio{queue="e"} 1e+21
            # EOF
        "##]],
        &expect![[r##"
            # HELP job_seconds_total Time in jobs.
            # TYPE job_seconds_total counter
            job_seconds_total 0
            # HELP job_bytes Size.
            # TYPE job_bytes summary
            job_bytes_sum{queue="a"} 1234567
            job_bytes_count{queue="a"} 2
            # HELP queue_fill_ratio Share\nof the queue's room.
            # TYPE queue_fill_ratio gauge
            queue_fill_ratio{queue="a"} 0.75
            queue_fill_ratio{queue="b"} -2
            queue_fill_ratio{queue="c"} NaN
            queue_fill_ratio{queue="d"} -Inf
            queue_fill_ratio{queue="e"} 1e+21
        "##]],
    );
}

#[test]
fn label_values_are_escaped() {
    check(
        |registry| {
            let jobs = registry.family("jobs_total").unwrap();
            for value in ["", "a\"b", "a\\b", "a\nb", "\\n", "ü}{,="] {
                jobs.series(&[value]).add(1.0);
            }
        },
        &expect![[r##"
            # HELP jobs Jobs; a \"quoted\" \\ and\\n text.
            # TYPE jobs counter
            jobs_total{queue=""} 1
            jobs_total{queue="\\n"} 1
            jobs_total{queue="a\nb"} 1
            jobs_total{queue="a\"b"} 1
            jobs_total{queue="a\\b"} 1
            jobs_total{queue="ü}{,="} 1
            # HELP job_seconds Time in jobs.
            # TYPE job_seconds counter
            # UNIT job_seconds seconds
            job_seconds_total 0
            # EOF
        "##]],
        &expect![[r##"
            # HELP jobs_total Jobs; a "quoted" \\ and\\n text.
            # TYPE jobs_total counter
            jobs_total{queue=""} 1
            jobs_total{queue="\\n"} 1
            jobs_total{queue="a\nb"} 1
            jobs_total{queue="a\"b"} 1
            jobs_total{queue="a\\b"} 1
            jobs_total{queue="ü}{,="} 1
            # HELP job_seconds_total Time in jobs.
            # TYPE job_seconds_total counter
            job_seconds_total 0
        "##]],
    );
}

#[test]
fn exemplars_are_in_openmetrics_alone() {
    let exemplar = |byte| Some(Exemplar { trace_id: [byte; 16], unix_ms: 1_764_000_000_007 });
    check(
        |registry| {
            let jobs = registry.family("jobs_total").unwrap().series(&["a"]);
            jobs.add_with(1.0, exemplar(1));
            jobs.add_with(2.0, exemplar(0x0a));
            jobs.add_with(1.0, exemplar(0));
            let duration = registry.family("job_duration_seconds").unwrap().series(&["a"]);
            duration.observe_with(0.25, exemplar(2));
            duration.observe_with(7e6, exemplar(3));
        },
        &expect![[r##"
            # HELP jobs Jobs; a \"quoted\" \\ and\\n text.
            # TYPE jobs counter
            jobs_total{queue="a"} 4 # {trace_id="0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"} 2 1764000000.007
            # HELP job_seconds Time in jobs.
            # TYPE job_seconds counter
            # UNIT job_seconds seconds
            job_seconds_total 0
            # HELP job_duration_seconds Duration.
            # TYPE job_duration_seconds histogram
            # UNIT job_duration_seconds seconds
            job_duration_seconds_bucket{queue="a",le="1e-05"} 0
            job_duration_seconds_bucket{queue="a",le="0.005"} 0
            job_duration_seconds_bucket{queue="a",le="1.0"} 1 # {trace_id="02020202020202020202020202020202"} 0.25 1764000000.007
            job_duration_seconds_bucket{queue="a",le="1e+06"} 1
            job_duration_seconds_bucket{queue="a",le="+Inf"} 2 # {trace_id="03030303030303030303030303030303"} 7e+06 1764000000.007
            job_duration_seconds_sum{queue="a"} 7000000.25
            job_duration_seconds_count{queue="a"} 2
            # EOF
        "##]],
        &expect![[r##"
            # HELP jobs_total Jobs; a "quoted" \\ and\\n text.
            # TYPE jobs_total counter
            jobs_total{queue="a"} 4
            # HELP job_seconds_total Time in jobs.
            # TYPE job_seconds_total counter
            job_seconds_total 0
            # HELP job_duration_seconds Duration.
            # TYPE job_duration_seconds histogram
            job_duration_seconds_bucket{queue="a",le="1e-05"} 0
            job_duration_seconds_bucket{queue="a",le="0.005"} 0
            job_duration_seconds_bucket{queue="a",le="1.0"} 1
            job_duration_seconds_bucket{queue="a",le="1e+06"} 1
            job_duration_seconds_bucket{queue="a",le="+Inf"} 2
            job_duration_seconds_sum{queue="a"} 7000000.25
            job_duration_seconds_count{queue="a"} 2
        "##]],
    );
}

#[test]
fn updates_of_another_kind_do_nothing() {
    check(
        |registry| {
            let jobs = registry.family("jobs_total").unwrap().series(&["a"]);
            jobs.set(7.0);
            jobs.observe(7.0);
            registry.family("queue_fill_ratio").unwrap().series(&["a"]).observe(7.0);
            registry.family("job_bytes").unwrap().series(&["a"]).add(7.0);
        },
        &expect![[r##"
            # HELP jobs Jobs; a \"quoted\" \\ and\\n text.
            # TYPE jobs counter
            jobs_total{queue="a"} 0
            # HELP job_seconds Time in jobs.
            # TYPE job_seconds counter
            # UNIT job_seconds seconds
            job_seconds_total 0
            # HELP job_bytes Size.
            # TYPE job_bytes summary
            # UNIT job_bytes bytes
            job_bytes_sum{queue="a"} 0
            job_bytes_count{queue="a"} 0
            # EOF
        "##]],
        &expect![[r##"
            # HELP jobs_total Jobs; a "quoted" \\ and\\n text.
            # TYPE jobs_total counter
            jobs_total{queue="a"} 0
            # HELP job_seconds_total Time in jobs.
            # TYPE job_seconds_total counter
            job_seconds_total 0
            # HELP job_bytes Size.
            # TYPE job_bytes summary
            job_bytes_sum{queue="a"} 0
            job_bytes_count{queue="a"} 0
        "##]],
    );
}

#[test]
fn families_come_in_the_schemas_order_and_series_by_their_values() {
    let registry = registry(OVERLAY);
    let requests = registry.family(kyros_schema::names::metric::HTTP_REQUESTS_TOTAL).unwrap();
    for (code, tenant) in [("500", "b"), ("200", "b"), ("200", "a")] {
        requests.series(&["kyros-api", "/", "GET", code, tenant]).add(1.0);
    }
    registry.family("queue_fill_ratio").unwrap().series(&["a"]).set(1.0);
    registry.family("jobs_total").unwrap().series(&["a"]).add(1.0);
    for name in ["app_b", "app_a"] {
        registry.register(&Metric::own(name, MetricKind::Gauge, "Own.", Vec::new())).unwrap();
    }
    let text = registry.render(Format::OpenMetrics);
    let order = |start: &str| text.lines().position(|line| line.starts_with(start)).unwrap();
    let starts = [
        r#"http_requests_total{service="kyros-api",endpoint="/",method="GET",code="200",tenant_id="a""#,
        r#"http_requests_total{service="kyros-api",endpoint="/",method="GET",code="200",tenant_id="b""#,
        r#"http_requests_total{service="kyros-api",endpoint="/",method="GET",code="500",tenant_id="b""#,
        "jobs_total",
        "queue_fill_ratio",
        "app_a ",
        "app_b ",
        "kyros_audit_spooled_total",
        "process_cpu_seconds_total",
        "# EOF",
    ];
    assert!(starts.map(order).is_sorted(), "{text}");
}

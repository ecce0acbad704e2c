//! Declaring metrics, and what every process has.

use expect_test::{Expect, expect};
use kyros_metrics::{Format, Registry};
use kyros_schema::names::metric::{
    HTTP_REQUESTS_TOTAL, KYROS_EVENTS_TOTAL, KYROS_SERIES_OVERFLOW_TOTAL, PROCESS_OPEN_FDS,
};
use kyros_schema::{Across, Metric, MetricKind, Schema};

use crate::{registry, value};

fn own(name: &str, kind: MetricKind, labels: &[&str], buckets: &[&str]) -> Metric {
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    let mut metric = Metric::own(name, kind, "The app's own.", labels);
    metric.buckets = buckets.iter().map(|bound| bound.parse().unwrap()).collect();
    metric
}

#[test]
fn registering_again_gives_the_same_family() {
    let registry = registry("");
    let declared = own("app_lag_seconds", MetricKind::Histogram, &["queue"], &["1", "2"]);
    registry.register(&declared).unwrap().series(&["a"]).observe(1.0);
    registry.register(&declared).unwrap().series(&["a"]).observe(1.0);
    let bare = own("app_lag_seconds", MetricKind::Histogram, &["queue"], &[]);
    registry.register(&bare).unwrap().series(&["a"]).observe(1.0);
    let text = registry.render(Format::Classic);
    assert_eq!(value(&text, r#"app_lag_seconds_count{queue="a"}"#), 3.0);
}

fn check_refused(metric: &Metric, message: &Expect) {
    let registry = registry("");
    registry.register(&own("app_jobs_total", MetricKind::Counter, &["queue"], &[])).unwrap();
    registry.register(&own("app_lag_seconds", MetricKind::Histogram, &[], &["1"])).unwrap();
    let depth = own("app_depth", MetricKind::Gauge, &[], &[]);
    registry.register(&Metric { across: Across::Min, ..depth }).unwrap();
    message.assert_eq(&registry.register(metric).unwrap_err().to_string());
}

#[test]
fn a_metric_that_differs_or_breaks_a_rule_is_refused() {
    use MetricKind::{Counter, Gauge, Histogram};
    check_refused(
        &own("app_jobs_total", Counter, &["tenant_id"], &[]),
        &expect![
            "metric `app_jobs_total` is already registered as counter{queue}, now declared as counter{tenant_id}, hint: declare it alike everywhere, or give one another name"
        ],
    );
    check_refused(
        &own("app_lag_seconds", Gauge, &[], &[]),
        &expect![
            "metric `app_lag_seconds` is already registered as histogram{} [1], now declared as gauge{}, hint: declare it alike everywhere, or give one another name"
        ],
    );
    check_refused(
        &own("app_lag_seconds", Histogram, &[], &["1", "2.5"]),
        &expect![
            "metric `app_lag_seconds` is already registered as histogram{} [1], now declared as histogram{} [1, 2.5], hint: declare it alike everywhere, or give one another name"
        ],
    );
    check_refused(
        &Metric { across: Across::Max, ..own("app_depth", Gauge, &[], &[]) },
        &expect![
            "metric `app_depth` is already registered as gauge{} across min, now declared as gauge{} across max, hint: declare it alike everywhere, or give one another name"
        ],
    );
    check_refused(
        &own(HTTP_REQUESTS_TOTAL, Counter, &[], &[]),
        &expect![
            "metric `http_requests_total` is already registered as counter{service, endpoint, method, code, tenant_id}, now declared as counter{}, hint: declare it alike everywhere, or give one another name"
        ],
    );
    check_refused(
        &own("app_jobs", Gauge, &[], &[]),
        &expect![
            "metric `app_jobs` exposes `app_jobs`, as does `app_jobs_total`, hint: give it another name"
        ],
    );
    check_refused(
        &own("app_lag_seconds_count", Gauge, &[], &[]),
        &expect![
            "metric `app_lag_seconds_count` exposes `app_lag_seconds_count`, as does `app_lag_seconds`, hint: give it another name"
        ],
    );
    check_refused(
        &own("app_jobs", Counter, &["email"], &[]),
        &expect![[r#"
        metric refused: <call>: label `email` would put a person into a metric
          hint: keep it in log fields and audit columns
        <call>: metric `app_jobs` breaks the naming rule for counters
          hint: end the name of a counter, and of nothing else, in `_total`"#]],
    );
    check_refused(
        &own("bad name-1", Gauge, &["le", "le"], &[]),
        &expect![[r#"
        metric refused: <call>: label `le` belongs to Prometheus
          hint: give the label another name
        <call>: metric `bad name-1` is no metric name
          hint: use lower-case letters, digits and `_`
        <call>: metric `bad name-1` names a label twice
          hint: name each label once"#]],
    );
}

#[test]
fn a_histogram_has_as_many_buckets_as_a_series_has_room_for() {
    let of = |count: u32| {
        let bounds: Vec<_> = (1..=count).map(|bound| bound.to_string()).collect();
        let bounds: Vec<_> = bounds.iter().map(String::as_str).collect();
        own("app_fine_seconds", MetricKind::Histogram, &[], &bounds)
    };
    check_refused(
        &of(801),
        &expect![[r#"
        metric refused: <call>: metric `app_fine_seconds` has more buckets than its series have room for
          hint: leave some out: each is a series of its own to Prometheus"#]],
    );
    let registry = registry("");
    registry.register(&of(800)).unwrap().series(&[]).observe(1.0);
    assert_eq!(value(&registry.render(Format::Classic), "app_fine_seconds_count"), 1.0);
}

#[test]
fn a_long_help_is_cut() {
    let registry = registry("");
    let mut metric = own("app_told", MetricKind::Gauge, &[], &[]);
    metric.help = "\u{fc}".repeat(100_000);
    registry.register(&metric).unwrap().series(&[]).set(1.0);
    let text = registry.render(Format::Classic);
    assert_eq!(value(&text, "app_told"), 1.0);
    let help = text.lines().find(|line| line.starts_with("# HELP app_told ")).unwrap();
    assert_eq!(help.matches('\u{fc}').count(), 512);
    assert_eq!(registry.unsound_records(), 0);
}

#[test]
fn no_two_metrics_of_the_schema_expose_the_same_sample() {
    let schema = Schema::embedded();
    let mut names: Vec<_> =
        schema.metrics.keys().map(|name| name.trim_end_matches("_total")).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
}

#[test]
fn known_values_start_at_zero() {
    let registry = registry("");
    let events = registry.family(KYROS_EVENTS_TOTAL).unwrap();
    let made = events.initialise(&[
        ("service", &["kyros-api"]),
        ("event", &["login", "auth_failed"]),
        ("outcome", &["failure"]),
        ("tenant_id", &["_none"]),
    ]);
    assert_eq!(made.unwrap(), 2);
    let text = registry.render(Format::Classic);
    let sample = r#"kyros_events_total{service="kyros-api",event="login",outcome="failure",tenant_id="_none"}"#;
    assert_eq!(value(&text, sample), 0.0);
    assert_eq!(value(&text, "kyros_audit_rejected_total"), 0.0);
}

#[test]
fn closed_sets_stand_for_values_not_given() {
    let registry = registry("");
    let requests = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    let some: [(&str, &[&str]); 2] = [("service", &["kyros-api"]), ("endpoint", &["/", "/x"])];
    let error = requests.initialise(&some).unwrap_err();
    expect!["metric `http_requests_total`: no known values for label `code`, hint: give them, or close its set in the schema"].assert_eq(&error.to_string());
    let all = [some[0], some[1], ("code", &["200"]), ("tenant_id", &["_none"])];
    assert_eq!(requests.initialise(&all).unwrap(), 2 * 10);
    assert_eq!(requests.series_count(), 2 * 10);
}

#[test]
fn every_process_tells_of_itself() {
    let text = registry("").render(Format::Classic);
    let of_process = |name: &str| value(&text, &format!(r#"{name}{{worker="0"}}"#));
    assert!(of_process("process_cpu_seconds_total") >= 0.0);
    assert!(of_process("process_resident_memory_bytes") > 1e6);
    assert!((3.0..1e5).contains(&of_process(PROCESS_OPEN_FDS)));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let age = now.as_secs_f64() - of_process("process_start_time_seconds");
    assert!((-5.0..3600.0).contains(&age), "{age}");
    let build = format!(r#"kyros_build_info{{version="{}"}}"#, env!("CARGO_PKG_VERSION"));
    assert_eq!(value(&text, &build), 1.0);
    let overflow = format!(r#"{KYROS_SERIES_OVERFLOW_TOTAL}{{metric="{HTTP_REQUESTS_TOTAL}"}}"#);
    assert_eq!(value(&text, &overflow), 0.0);
}

#[test]
fn two_registries_share_nothing() {
    let (one, other) = (Registry::new(Schema::embedded()), Registry::new(Schema::embedded()));
    one.family(HTTP_REQUESTS_TOTAL).unwrap().series(&["a", "b", "c", "d", "e"]).add(1.0);
    assert_eq!(other.family(HTTP_REQUESTS_TOTAL).unwrap().series_count(), 0);
}

//! A Jsonnet source can name only what the schema names; anything else is an error at its line.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use kyros_assets::evaluate_source;
use kyros_schema::Schema;
use serde_json::json;

const FILE: &str = "dashboards/mine.jsonnet";

/// What every source starts with; a case's own text starts on the fifth line.
const IMPORTS: &str = "local schema = import 'schema.libsonnet';\n\
                       local q = import 'promql.libsonnet';\n\
                       local l = import 'logql.libsonnet';\n\
                       local sql = import 'sql.libsonnet';\n";

#[track_caller]
fn check(text: &str, message: &str) {
    let source = format!("{IMPORTS}{text}");
    let error = evaluate_source(Schema::embedded(), FILE, &source).unwrap_err().to_string();
    assert!(error.contains(message), "{text}: {error}");
    assert!(error.contains("dashboards/mine.jsonnet:5"), "{text}: no line: {error}");
}

#[test]
fn a_name_that_the_schema_lacks_is_an_error_at_its_line() {
    check("schema.metrics.http_request_total.name", "no such field: `http_request_total`");
    check("q.select(schema.exporters.pg_lock_count)", "no such field: `pg_lock_count`");
    check("q.recording['service:http_request:rate']", "no such field: `service:http_request:rate`");
    check("q.label.servcie", "no such field: `servcie`");
    check("q.event.log_in", "no such field: `log_in`");
    check("l.field.tenant", "no such field: `tenant`");
    check("sql.column.tenant", "no such field: `tenant`");
    check("sql.action.look", "no such field: `look`");
    check("schema.alerts.HttpErrorsHigh.threshold", "no such field: `HttpErrorsHigh`");
    check("schema.objectives.availability.objective", "no such field: `objective`");
    check("schema.deploy.team_web_hook", "no such field: `team_web_hook`");
}

#[test]
fn a_label_that_the_metric_lacks_is_an_error_at_its_line() {
    let message = "metric `http_response_size_bytes` has no label `code`";
    check(
        "q.select(schema.metrics.http_response_size_bytes, [[q.label.code, '=', '200']])",
        message,
    );
    check(
        "q.rateBy(schema.metrics.http_response_size_bytes, [q.label.code], suffix='_sum')",
        message,
    );
    let message = "metric `pg_locks_count` has no label `state`";
    check("q.gaugeBy(schema.exporters.pg_locks_count, ['state'])", message);
}

#[test]
fn a_bound_that_is_no_bucket_is_an_error_at_its_line() {
    check("q.within(schema.metrics.http_request_duration_seconds, '0.31', [])", "no bucket `0.31`");
}

#[test]
fn a_source_that_is_no_jsonnet_is_an_error_at_its_line() {
    check("{ a: }", "a token that can't stand here");
    check("{ a: 'x }", "unfinished string");
    check("nothing", "no such variable: `nothing`");
    check("import 'utils.libsonnet'", "no such source: `utils.libsonnet`");
    check("error 'so it is'", "so it is");
    check("1 / 0", "div by zero");
    check("{ a: 1 } < 2", "compare different types inequality");
}

#[test]
fn an_error_in_the_library_says_who_called() {
    let text = format!(
        "{IMPORTS}\n\nq.select(schema.metrics.http_requests_total, [['color', '=', 'red']])"
    );
    let error = evaluate_source(Schema::embedded(), FILE, &text).unwrap_err().to_string();
    let (place, callers) = error.split_once('\n').unwrap();
    assert!(place.starts_with("dashboards/lib/promql.libsonnet:"), "{error}");
    assert!(callers.contains("  from dashboards/mine.jsonnet:7"), "{error}");
}

#[test]
fn a_services_own_metric_can_be_drawn() {
    let overlay = "[metric.reports_exported_total]\nkind = 'counter'\nhelp = 'Reports.'\nlabels = ['tenant_id']";
    let schema = Schema::with_overlay("kyros-obs.toml", overlay).unwrap();
    let text =
        format!("{IMPORTS}q.rateBy(schema.metrics.reports_exported_total, [q.label.tenant_id])");
    let value = evaluate_source(&schema, FILE, &text).unwrap();
    assert_eq!(value, "sum by (tenant_id) (rate(reports_exported_total[$__rate_interval]))");
}

#[test]
fn numbers_keep_their_digits() {
    let overlay = "[alert.HttpErrorRatioHigh]\nthreshold = 0.0200";
    let schema = Schema::with_overlay("kyros-obs.toml", overlay).unwrap();
    let text =
        format!("{IMPORTS}[schema.alerts.HttpErrorRatioHigh.threshold, 0.02, 0.1 + 0.2, 12]");
    let value = evaluate_source(&schema, FILE, &text).unwrap();
    assert_eq!(value, json!(["0.0200", 0.02, 0.1 + 0.2, 12]));
}

#[test]
fn text_in_a_matcher_is_quoted() {
    let text = format!(
        r#"{IMPORTS}q.select(schema.metrics.http_requests_total, [[q.label.endpoint, '=', 'a"b\\c']])"#
    );
    let value = evaluate_source(Schema::embedded(), FILE, &text).unwrap();
    assert_eq!(value, r#"http_requests_total{endpoint="a\"b\\c"}"#);
}

//! What an overlay may do, and that everything wrong with one is said at once.

use kyros_schema::{Across, Metric, MetricKind, SCHEMA_TOML, Schema};

fn check(overlay: &str, expected: &[&str]) {
    let problems = match Schema::with_overlay("o.toml", overlay) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(problems, expected, "overlay:\n{overlay}");
}

#[test]
fn the_embedded_schema_has_no_problems() {
    check("", &[]);
    assert!(SCHEMA_TOML.contains("[metric.http_requests_total]"));
}

#[test]
fn numbers_of_our_rows_can_be_tuned() {
    let overlay = r#"
        [label.tenant_id]
        bound = 3
        [alert.HttpErrorRatioHigh]
        threshold = 0.05
        for = "1m"
        [metric.http_response_size_bytes]
        buckets = [100, 1000]
        [retention]
        audit_days = 3650
    "#;
    let schema = Schema::with_overlay("o.toml", overlay).unwrap();
    assert_eq!(schema.label_bound("tenant_id"), 3);
    assert_eq!(schema.alerts["HttpErrorRatioHigh"].threshold.as_str(), "0.05");
    assert_eq!(schema.alerts["HttpErrorRatioHigh"].hold.as_secs(), 60);
    assert_eq!(schema.alerts["HttpErrorRatioHigh"].window.to_string(), "10m");
    assert_eq!(schema.metrics["http_response_size_bytes"].kind, MetricKind::Histogram);
    assert_eq!(schema.retention.audit_days, 3650);
    assert_eq!(schema.retention.logs_days, 14);
}

#[test]
fn a_service_adds_rows_of_its_own() {
    let overlay = r#"
        [label.format]
        help = "The file's format."
        bound = 4
        [metric.reports_exported_total]
        kind = "counter"
        help = "Reports exported."
        labels = ["tenant_id", "format"]
        [field.report_id]
        kind = "text"
        sensitivity = "internal"
        help = "The report."
        [audit.action.export_report]
        class = "critical"
        help = "A report was exported."
    "#;
    let schema = Schema::with_overlay("o.toml", overlay).unwrap();
    assert_eq!(schema.metrics["reports_exported_total"].group, "app");
    assert_eq!(schema.fields.last().unwrap().0, "report_id");
    assert!(schema.actions.contains_key("export_report"));
}

#[test]
fn every_threshold_becomes_a_bucket() {
    let overlay = "[objective.dash_data]\nthreshold = 0.85";
    let schema = Schema::with_overlay("o.toml", overlay).unwrap();
    let buckets = &schema.metrics["http_request_duration_seconds"].buckets;
    let bounds: Vec<_> = buckets.iter().map(kyros_schema::Decimal::as_str).collect();
    assert!(buckets.is_sorted_by(|a, b| a.as_f64() < b.as_f64()), "{bounds:?}");
    let alerts = schema.alerts.values().map(|row| (&row.metric, Some(&row.threshold)));
    let objectives = schema.objectives.values().map(|row| (&row.metric, row.threshold.as_ref()));
    let ours = |metric: &Option<String>| metric.as_deref() == Some("http_request_duration_seconds");
    let thresholds = alerts.chain(objectives).filter(|(metric, _)| ours(metric));
    let thresholds: Vec<_> = thresholds.filter_map(|(_, threshold)| threshold).collect();
    assert!(thresholds.iter().any(|threshold| threshold.as_str() == "0.85"), "{thresholds:?}");
    for threshold in thresholds {
        assert!(bounds.contains(&threshold.as_str()), "{threshold}: {bounds:?}");
    }
}

#[test]
fn every_problem_is_reported_with_its_line_and_remedy() {
    check(
        "[metric.reports]\nkind = \"counter\"\nhelp = \"x\"\nlabels = [\"sub\", \"colour\"]\n\
         [metric.http_requests_total]\nlabels = []\n\
         [alert.Nonsense]\nthreshold = 1\n\
         [alert.LoginFailuresHigh]\nwindow = \"soon\"\n\
         [retention]\naudit_days = 30\n\
         [lable.x]\nbound = 1\n",
        &[
            "o.toml:1: label `sub` would put a person into a metric\n  hint: keep it in log fields and audit columns",
            "o.toml:1: metric `reports` breaks the naming rule for counters\n  hint: end the name of a counter, and of nothing else, in `_total`",
            "o.toml:1: metric `reports`: unknown label `colour`\n  hint: add a row `[label.colour]` with a `bound`",
            "o.toml:6: metric `http_requests_total`: `labels` is fixed by the schema\n  hint: what may be set: `buckets`",
            "o.toml:7: alert `Nonsense`: missing key `dashboard`\n  hint: give `dashboard` a text in quotes",
            "o.toml:7: alert `Nonsense`: missing key `description`\n  hint: give `description` a text in quotes",
            "o.toml:7: alert `Nonsense`: missing key `for`\n  hint: give `for` a duration such as `\"10m\"`",
            "o.toml:7: alert `Nonsense`: missing key `runbook`\n  hint: give `runbook` a text in quotes",
            "o.toml:7: alert `Nonsense`: missing key `severity`\n  hint: give `severity` one of `\"page\"`, `\"ticket\"`",
            "o.toml:7: alert `Nonsense`: missing key `summary`\n  hint: give `summary` a text in quotes",
            "o.toml:7: alert `Nonsense`: missing key `window`\n  hint: give `window` a duration such as `\"10m\"`",
            "o.toml:7: unknown alert `Nonsense`\n  hint: rows of this table can be tuned, not added",
            "o.toml:10: alert `LoginFailuresHigh`: bad value of `window`\n  hint: give `window` a duration such as `\"10m\"`",
            "o.toml:11: `audit_days` is too low: 30\n  hint: keep 365 days or more",
            "o.toml:13: unknown table `lable`\n  hint: did you mean `label`?",
        ],
    );
}

#[test]
fn a_call_is_held_to_the_same_rules() {
    let admit = |name: &str, labels: &[&str]| {
        let labels = labels.iter().map(ToString::to_string).collect();
        let metric = Metric::own(name, MetricKind::Counter, "x", labels);
        Schema::embedded().admit(&metric).map_err(|problems| problems.to_string())
    };
    assert_eq!(admit("reports_exported_total", &["tenant_id", "format"]), Ok(()));
    for (name, labels) in [
        ("reports_exported", &["tenant_id"][..]),
        ("reports_exported_total", &["email"]),
        ("http_requests_total", &["tenant_id"]),
        ("Reports_total", &[]),
    ] {
        assert!(admit(name, labels).is_err(), "metric `{name}` {labels:?} was accepted");
    }
}

#[test]
fn a_gauge_says_how_its_workers_become_one() {
    let across = |overlay: &str| {
        let schema = Schema::with_overlay("o.toml", overlay).unwrap();
        schema.metrics["slots_free"].across
    };
    let gauge = "[metric.slots_free]\nkind = 'gauge'\nhelp = 'x'\n";
    assert_eq!(across(gauge), Across::Sum);
    for (word, expected) in [("sum", Across::Sum), ("max", Across::Max), ("min", Across::Min)] {
        assert_eq!(across(&format!("{gauge}across = '{word}'")), expected);
        assert_eq!(expected.as_str(), word);
    }
}

#[test]
fn what_is_no_gauge_has_no_say_in_it() {
    for (name, kind, word) in [
        ("slots_total", "kind = 'counter'", "sum"),
        ("slots_bytes", "kind = 'summary'", "max"),
        ("slots_seconds", "buckets = [1]\nkind = 'histogram'", "min"),
    ] {
        let refused = format!(
            "o.toml:2: metric `{name}`: `across` is for gauges\n  hint: leave it out: what workers count is added up"
        );
        let row = format!("[metric.{name}]\nacross = '{word}'\nhelp = 'x'\n{kind}");
        check(&row, &[&refused]);
    }
    check(
        "[metric.slots]\nkind = 'gauge'\nhelp = 'x'\nacross = 'mean'\n\
         [metric.kyros_audit_pending]\nacross = 'max'",
        &[
            "o.toml:4: metric `slots`: bad value of `across`\n  hint: give `across` one of `\"sum\"`, `\"max\"`, `\"min\"`",
            "o.toml:6: metric `kyros_audit_pending`: `across` is fixed by the schema\n  hint: what may be set: `buckets`",
        ],
    );
    let own = Metric::own("slots_total", MetricKind::Counter, "x", Vec::new());
    assert_eq!(own.across, Across::Sum);
    let own = Metric { across: Across::Max, ..own };
    let problems = Schema::embedded().admit(&own).unwrap_err().to_string();
    assert!(problems.contains("metric `slots_total` says `across` and is no gauge"), "{problems}");
}

#[test]
fn a_file_that_is_no_toml_is_reported_by_line() {
    let problems = Schema::with_overlay("o.toml", "[retention]\nlogs_days = = 3\n").unwrap_err();
    assert_eq!(problems.0[0].place.to_string(), "o.toml:2");
}

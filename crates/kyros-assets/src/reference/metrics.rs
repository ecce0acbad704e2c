//! Metrics, their labels and buckets, recorded series, and series of other exporters.

use std::fmt::Write as _;

use kyros_schema::{Decimal, Metric, MetricKind, Schema};

use super::{code, codes, head, table};

const ABOUT: &str = "What `/metrics` exposes, and the series dashboards and alerts read.\n\n\
Workers of one service that share their metrics answer as one: what they count is added up, each \
keeps a value of its own for a gauge, and those become one as *Across* says.";

/// The page on metrics.
pub(super) fn page(schema: &Schema) -> String {
    let mut page = head("Metrics", ABOUT);
    for group in groups(schema) {
        let _ = writeln!(page, "\n## {}\n", group_title(group));
        let rows = schema.metrics.values().filter(|metric| metric.group == group).map(metric_row);
        table(&mut page, &["Name", "Kind", "Unit", "Across", "Labels", "What it says"], rows);
    }
    buckets(&mut page, schema);
    labels(&mut page, schema);
    recordings(&mut page, schema);
    exporters(&mut page, schema);
    page
}

/// The groups of metrics, in the order of their first metric.
fn groups(schema: &Schema) -> Vec<&str> {
    let mut groups = Vec::new();
    for metric in schema.metrics.values() {
        if !groups.contains(&&*metric.group) {
            groups.push(&*metric.group);
        }
    }
    groups
}

fn group_title(group: &str) -> String {
    match group {
        "http" => "HTTP requests".to_owned(),
        "dash" => "Dash callbacks".to_owned(),
        "event" => "Events".to_owned(),
        "self" => "The SDK itself".to_owned(),
        "process" => "The process".to_owned(),
        "app" => "The service's own".to_owned(),
        other => format!("Group `{other}`"),
    }
}

fn metric_row(metric: &Metric) -> Vec<String> {
    vec![
        code(&metric.name),
        metric.kind.as_str().to_owned(),
        metric.unit.as_str().to_owned(),
        across(metric).to_owned(),
        codes(&metric.labels),
        metric.help.clone(),
    ]
}

/// Only gauges have a choice.
fn across(metric: &Metric) -> &'static str {
    if metric.kind == MetricKind::Gauge { metric.across.as_str() } else { "" }
}

fn buckets(page: &mut String, schema: &Schema) {
    page.push_str("\n## Buckets\n\n");
    let histograms = schema.metrics.values().filter(|metric| !metric.buckets.is_empty());
    let rows = histograms.map(|metric| {
        let bounds: Vec<_> = metric.buckets.iter().map(Decimal::as_str).collect();
        vec![code(&metric.name), bounds.join(", ")]
    });
    table(page, &["Histogram", "Upper bounds"], rows);
}

fn labels(page: &mut String, schema: &Schema) {
    page.push_str("\n## Labels\n\n");
    let rows = schema.labels.values().map(|label| {
        vec![code(&label.name), label.bound.to_string(), codes(&label.values), label.help.clone()]
    });
    table(page, &["Name", "At most", "Values", "What it says"], rows);
}

fn recordings(page: &mut String, schema: &Schema) {
    page.push_str("\n## Recorded series\n\n");
    let rows = schema.recordings.values().map(|recording| {
        let unit = recording.unit.as_str().to_owned();
        vec![code(&recording.name), unit, codes(&recording.labels), recording.help.clone()]
    });
    table(page, &["Name", "Unit", "Labels", "What it says"], rows);
}

fn exporters(page: &mut String, schema: &Schema) {
    page.push_str("\n## Series of other exporters\n\n");
    let rows = schema.exporters.values().map(|metric| {
        vec![
            code(&metric.name),
            metric.from.clone(),
            metric.kind.as_str().to_owned(),
            codes(&metric.labels),
            metric.help.clone(),
        ]
    });
    table(page, &["Name", "From", "Kind", "Labels", "What it says"], rows);
}

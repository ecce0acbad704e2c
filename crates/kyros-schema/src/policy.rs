//! The rules no row can state for itself: what an overlay may touch, what a label may be, and that
//! every name a row gives is declared.

mod label;

use crate::document::{Node, Table};
use crate::metric::{Across, Metric, MetricKind, Unit};
use crate::problem::{Place, Problems};
use crate::row::nearest;
use crate::{Objective, ObjectiveKind, Schema};

/// The keys of our own rows that a service may set; `None` opens the whole table.
const TUNABLE: [(&str, Option<&[&str]>); 11] = [
    ("label", Some(&["bound"])),
    ("metric", Some(&["buckets"])),
    ("exporter", Some(&["labels"])),
    ("field", Some(&[])),
    ("audit", Some(&[])),
    ("event", Some(&["level"])),
    ("objective", Some(&["target", "threshold", "window", "methods", "endpoints"])),
    ("alert", Some(&["threshold", "window", "for", "severity"])),
    ("setting", Some(&["default"])),
    ("retention", None),
    ("deploy", None),
];

/// Sections to which a service may add rows.
const EXTENDABLE: [&str; 6] = ["label", "metric", "exporter", "field", "event", "objective"];

/// The least time audit rows are kept, in days (spec "Access & retention").
const AUDIT_DAYS_FLOOR: u32 = 365;

/// Checks that an overlay tunes and adds, and changes nothing else.
pub(crate) fn check_overlay(base: &Table, overlay: &Table, problems: &mut Problems) {
    for (section, node) in overlay {
        let Some((_, tunable)) = TUNABLE.iter().find(|(name, _)| name == section) else {
            let sections: Vec<_> = TUNABLE.iter().map(|(name, _)| *name).collect();
            problems.add(
                &node.place,
                format!("unknown table `{section}`"),
                nearest(section, &sections),
            );
            continue;
        };
        match (section.as_str(), node.as_table(), tunable) {
            (_, None, _) => not_a_table(section, &node.place, problems),
            ("audit", Some(parts), _) => check_audit_overlay(base, parts, problems),
            (_, Some(rows), Some(keys)) => check_rows(section, keys, base, rows, problems),
            (_, Some(_), None) => {}
        }
    }
}

fn not_a_table(name: &str, place: &Place, problems: &mut Problems) {
    problems.add(place, format!("`{name}` is no table"), format!("write a table `[{name}]`"));
}

fn check_audit_overlay(base: &Table, parts: &Table, problems: &mut Problems) {
    for (part, node) in parts {
        if let ("action", Some(rows)) = (part.as_str(), node.as_table()) {
            let ours = base.get("audit").and_then(Node::as_table);
            check_rows("action", &["class"], ours.unwrap_or(base), rows, problems);
        } else {
            let message = format!("`audit.{part}` can't be overlaid");
            problems.add(&node.place, message, "a service may add `[audit.action.<name>]` only");
        }
    }
}

fn check_rows(section: &str, keys: &[&str], base: &Table, rows: &Table, problems: &mut Problems) {
    let ours = base.get(section).and_then(Node::as_table);
    for (name, row) in rows {
        match (ours.is_some_and(|ours| ours.contains_key(name)), row.as_table()) {
            (true, Some(row)) => check_tuning(section, name, keys, row, problems),
            (false, _) if section != "action" && !EXTENDABLE.contains(&section) => {
                let remedy = "rows of this table can be tuned, not added";
                problems.add(&row.place, format!("unknown {section} `{name}`"), remedy);
            }
            _ => {}
        }
    }
}

fn check_tuning(section: &str, name: &str, keys: &[&str], row: &Table, problems: &mut Problems) {
    for (key, node) in row.iter().filter(|(key, _)| !keys.contains(&key.as_str())) {
        let message = format!("{section} `{name}`: `{key}` is fixed by the schema");
        let remedy = if keys.is_empty() {
            "give a row of your own another name".to_owned()
        } else {
            format!("what may be set: `{}`", keys.join("`, `"))
        };
        problems.add(&node.place, message, remedy);
    }
}

/// Checks the rows against one another.
pub(crate) fn check(schema: &Schema, problems: &mut Problems) {
    check_labels(schema, problems);
    for metric in schema.metrics.values() {
        check_metric(schema, metric, problems);
    }
    for objective in schema.objectives.values() {
        check_objective(schema, objective, problems);
    }
    for alert in schema.alerts.values() {
        check_histogram(schema, alert.metric.as_deref(), &alert.place, problems);
    }
    for recording in schema.recordings.values() {
        check_declared(schema, &recording.name, &recording.labels, &recording.place, problems);
    }
    check_events(schema, problems);
    check_retention(schema, problems);
    check_shipping(schema, problems);
}

/// Checks a metric that a call declares: its labels need no row, and nothing else is eased.
pub(crate) fn check_own_metric(schema: &Schema, metric: &Metric, problems: &mut Problems) {
    check_shape(metric, problems);
    if schema.metrics.get(&metric.name).is_some_and(|known| !same(known, metric)) {
        let remedy = "give the metric another name, or the kind and labels it has there";
        let message = format!("metric `{}` is declared otherwise in the schema", metric.name);
        problems.add(&metric.place, message, remedy);
    }
    for label in metric.labels.iter().filter(|label| !schema.labels.contains_key(*label)) {
        check_label_name(label, &metric.place, problems);
    }
}

fn same(a: &Metric, b: &Metric) -> bool {
    a.kind == b.kind && a.labels == b.labels
}

fn check_labels(schema: &Schema, problems: &mut Problems) {
    for label in schema.labels.values() {
        check_label_name(&label.name, &label.place, problems);
        if label.bound == 0 {
            let message = format!("label `{}`: `bound` is 0", label.name);
            problems.add(&label.place, message, "give the most values the label may take");
        }
    }
}

fn check_label_name(name: &str, place: &Place, problems: &mut Problems) {
    if let Some((what, remedy)) = label::refusal(name) {
        problems.add(place, format!("label `{name}` {what}"), remedy);
    }
}

fn check_metric(schema: &Schema, metric: &Metric, problems: &mut Problems) {
    check_shape(metric, problems);
    check_declared(schema, &metric.name, &metric.labels, &metric.place, problems);
}

/// The most buckets of a histogram.
const MOST_BUCKETS: usize = 800;

/// Checks what a metric says of itself: its name, unit and buckets.
fn check_shape(metric: &Metric, problems: &mut Problems) {
    let faults = [
        (!is_name(&metric.name), "is no metric name", "use lower-case letters, digits and `_`"),
        (
            (metric.kind == MetricKind::Counter) != metric.name.ends_with("_total"),
            "breaks the naming rule for counters",
            "end the name of a counter, and of nothing else, in `_total`",
        ),
        (
            metric.unit != Unit::None && !names_unit(metric),
            "does not name its unit",
            "end the name in the unit, before `_total`",
        ),
        (
            (metric.kind == MetricKind::Histogram) == metric.buckets.is_empty(),
            "has buckets where it should not, or none where it should",
            "give `buckets` to a histogram and to nothing else",
        ),
        (
            !metric.buckets.is_sorted_by(|a, b| a.as_f64() < b.as_f64()),
            "has buckets out of order",
            "list the upper bounds from small to large, each once",
        ),
        (
            metric.buckets.len() > MOST_BUCKETS,
            "has more buckets than its series have room for",
            "leave some out: each is a series of its own to Prometheus",
        ),
        (
            metric.across != Across::Sum && metric.kind != MetricKind::Gauge,
            "says `across` and is no gauge",
            "leave it out: what workers count is added up",
        ),
        (has_duplicate(&metric.labels), "names a label twice", "name each label once"),
    ];
    for (_, what, remedy) in faults.into_iter().filter(|(wrong, ..)| *wrong) {
        problems.add(&metric.place, format!("metric `{}` {what}", metric.name), remedy);
    }
}

fn names_unit(metric: &Metric) -> bool {
    metric.name.trim_end_matches("_total").ends_with(&format!("_{}", metric.unit.as_str()))
}

fn check_declared(
    schema: &Schema,
    name: &str,
    labels: &[String],
    place: &Place,
    problems: &mut Problems,
) {
    for label in labels.iter().filter(|label| !schema.labels.contains_key(*label)) {
        if label::refusal(label).is_some() {
            check_label_name(label, place, problems);
        } else {
            let remedy = format!("add a row `[label.{label}]` with a `bound`");
            problems.add(place, format!("metric `{name}`: unknown label `{label}`"), remedy);
        }
    }
}

fn check_objective(schema: &Schema, objective: &Objective, problems: &mut Problems) {
    if !(0.0..=1.0).contains(&objective.target.as_f64()) {
        let message = format!("objective `{}`: `target` is over 1", objective.name);
        problems.add(&objective.place, message, "give a share of 1, such as `0.999`");
    }
    let complete = objective.metric.is_some() && objective.threshold.is_some();
    if objective.kind == ObjectiveKind::Latency && !complete {
        let message = format!("objective `{}`: no `metric` or no `threshold`", objective.name);
        problems.add(&objective.place, message, "a latency objective needs both");
    }
    check_histogram(schema, objective.metric.as_deref(), &objective.place, problems);
}

fn check_histogram(schema: &Schema, name: Option<&str>, place: &Place, problems: &mut Problems) {
    let Some(name) = name else { return };
    let histogram = |metric: &&Metric| metric.kind == MetricKind::Histogram;
    if !schema.metrics.get(name).as_ref().is_some_and(histogram) {
        let known: Vec<_> = schema.metrics.values().filter(histogram).map(|m| &m.name).collect();
        problems.add(place, format!("`{name}` is no histogram"), nearest(name, &known));
    }
}

fn check_events(schema: &Schema, problems: &mut Problems) {
    let known: Vec<_> = schema.actions.keys().collect();
    for event in schema.events.values() {
        for action in [&event.success, &event.failure].into_iter().flatten() {
            if !schema.actions.contains_key(action) {
                let message = format!("event `{}`: unknown action `{action}`", event.name);
                problems.add(&event.place, message, nearest(action, &known));
            }
        }
    }
}

fn check_retention(schema: &Schema, problems: &mut Problems) {
    let retention = &schema.retention;
    if retention.audit_days < AUDIT_DAYS_FLOOR {
        let message = format!("`audit_days` is too low: {}", retention.audit_days);
        problems.add(&retention.place, message, format!("keep {AUDIT_DAYS_FLOOR} days or more"));
    }
    if retention.logs_days == 0 {
        problems.add(&retention.place, "`logs_days` is 0", "keep a day or more");
    }
}

fn check_shipping(schema: &Schema, problems: &mut Problems) {
    let shipping = &schema.shipping;
    for name in shipping.labels.iter().filter(|name| label::personal(name).is_some()) {
        let message = format!("`{name}` is no stream label");
        problems.add(&shipping.place, message, "keep it in the line or in structured metadata");
    }
    for name in &shipping.structured_metadata {
        if !schema.fields.contains_key(name) {
            let known: Vec<_> = schema.fields.keys().collect();
            let message = format!("structured metadata: unknown field `{name}`");
            problems.add(&shipping.place, message, nearest(name, &known));
        }
    }
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn has_duplicate(names: &[String]) -> bool {
    names.iter().enumerate().any(|(at, name)| names.iter().take(at).any(|other| other == name))
}

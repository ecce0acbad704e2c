//! What the schema says about each of its names.

use std::fmt;

use kyros_schema::{
    Action, Alert, Column, Decimal, Event, ExporterMetric, Field, Label, Metric, Objective,
    Recording, Schema, Setting,
};

/// One row of the schema, as facts.
pub(super) struct Entry<'a> {
    /// What kind of row it is.
    kind: &'static str,
    pub(super) name: &'a str,
    help: &'a str,
    /// Pairs of a word and what it is; one with an empty text is left out.
    facts: Vec<(&'static str, String)>,
}

impl Entry<'_> {
    /// Whether the row has this name, or is a setting with this variable.
    pub(super) fn answers_to(&self, name: &str) -> bool {
        self.name == name || self.facts.iter().any(|fact| fact.0 == VARIABLE && fact.1 == name)
    }
}

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}\n  {}", self.kind, self.name, self.help)?;
        let given = self.facts.iter().filter(|(_, text)| !text.is_empty());
        given.into_iter().try_for_each(|(word, text)| write!(f, "\n  {word}: {text}"))
    }
}

/// Every row of the schema, table by table.
pub(super) fn entries(schema: &Schema) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    entries.extend(schema.metrics.values().map(metric));
    entries.extend(schema.labels.values().map(label));
    entries.extend(schema.fields.values().map(field));
    entries.extend(schema.columns.values().map(column));
    entries.extend(schema.actions.values().map(action));
    entries.extend(schema.events.values().map(event));
    entries.extend(schema.settings.values().map(setting));
    entries.extend(schema.alerts.values().map(alert));
    entries.extend(schema.objectives.values().map(objective));
    entries.extend(schema.recordings.values().map(recording));
    entries.extend(schema.exporters.values().map(exporter));
    entries
}

fn metric(row: &Metric) -> Entry<'_> {
    let facts = vec![
        ("kind", row.kind.as_str().to_owned()),
        ("unit", row.unit.as_str().to_owned()),
        ("labels", row.labels.join(", ")),
        ("buckets", row.buckets.iter().map(Decimal::as_str).collect::<Vec<_>>().join(", ")),
    ];
    Entry { kind: "metric", name: &row.name, help: &row.help, facts }
}

fn label(row: &Label) -> Entry<'_> {
    let facts = vec![("at most", row.bound.to_string()), ("values", row.values.join(", "))];
    Entry { kind: "label", name: &row.name, help: &row.help, facts }
}

fn field(row: &Field) -> Entry<'_> {
    let facts = vec![
        ("kind", row.kind.as_str().to_owned()),
        ("unit", row.unit.clone()),
        ("sensitivity", row.sensitivity.as_str().to_owned()),
        ("in every line", yes(row.required)),
    ];
    Entry { kind: "log field", name: &row.name, help: &row.help, facts }
}

fn column(row: &Column) -> Entry<'_> {
    let facts = vec![("type", row.sql.clone()), ("may be null", yes(row.nullable))];
    Entry { kind: "audit column", name: &row.name, help: &row.help, facts }
}

fn action(row: &Action) -> Entry<'_> {
    let facts = vec![("class", row.class.as_str().to_owned()), ("admin change", yes(row.admin))];
    Entry { kind: "audit action", name: &row.name, help: &row.help, facts }
}

fn event(row: &Event) -> Entry<'_> {
    let facts = vec![
        ("level", row.level.as_str().to_owned()),
        ("HTTP status", row.status.map(|status| status.to_string()).unwrap_or_default()),
        ("audit action of a success", row.success.clone().unwrap_or_default()),
        ("audit action of a failure", row.failure.clone().unwrap_or_default()),
    ];
    Entry { kind: "event", name: &row.name, help: &row.help, facts }
}

/// The word before a setting's environment variable.
const VARIABLE: &str = "variable";

fn setting(row: &Setting) -> Entry<'_> {
    let twin = if row.secret { format!("{}_FILE", row.env) } else { String::new() };
    let facts = vec![
        (VARIABLE, row.env.clone()),
        ("or from the file named by", twin),
        ("kind", row.kind.as_str().to_owned()),
        ("default", row.default.clone().unwrap_or_default()),
    ];
    Entry { kind: "setting", name: &row.name, help: &row.help, facts }
}

fn alert(row: &Alert) -> Entry<'_> {
    let facts = vec![
        ("severity", row.severity.as_str().to_owned()),
        ("over", row.threshold.to_string()),
        ("looking back", row.window.to_string()),
        ("for", row.hold.to_string()),
        ("dashboard", row.dashboard.clone()),
        ("runbook", format!("docs/runbooks/{}.md", row.runbook)),
    ];
    Entry { kind: "alert", name: &row.name, help: &row.summary, facts }
}

fn objective(row: &Objective) -> Entry<'_> {
    let facts = vec![
        ("kind", row.kind.as_str().to_owned()),
        ("target", row.target.to_string()),
        ("threshold", row.threshold.as_ref().map(Decimal::to_string).unwrap_or_default()),
        ("window", row.window.to_string()),
        ("methods", row.methods.join(", ")),
        ("endpoints", row.endpoints.join(", ")),
    ];
    Entry { kind: "objective", name: &row.name, help: &row.help, facts }
}

fn recording(row: &Recording) -> Entry<'_> {
    let facts = vec![("unit", row.unit.as_str().to_owned()), ("labels", row.labels.join(", "))];
    Entry { kind: "recorded series", name: &row.name, help: &row.help, facts }
}

fn exporter(row: &ExporterMetric) -> Entry<'_> {
    let facts = vec![
        ("from", row.from.clone()),
        ("kind", row.kind.as_str().to_owned()),
        ("labels", row.labels.join(", ")),
    ];
    Entry { kind: "metric of another exporter", name: &row.name, help: &row.help, facts }
}

fn yes(it_is: bool) -> String {
    if it_is { "yes".to_owned() } else { String::new() }
}

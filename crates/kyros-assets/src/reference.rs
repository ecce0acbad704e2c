//! The reference pages: `docs/reference/*.md`.

use std::fmt::Write as _;

use kyros_schema::{Alert, Decimal, Metric, Objective, Schema, Setting};

use crate::{Error, Output};

const DIRECTORY: &str = "docs/reference";

const NOTE: &str = "<!-- Generated from `schema.toml` by `make generate`; do not edit. -->";

/// Writes a page for each part of the schema that people look things up in.
#[expect(clippy::unnecessary_wraps, reason = "all outputs are rendered through one signature")]
pub(crate) fn render(schema: &Schema) -> Result<Vec<Output>, Error> {
    let pages = [
        ("metrics", metrics(schema)),
        ("log-fields", log_fields(schema)),
        ("audit", audit(schema)),
        ("settings", settings(schema)),
        ("alerts", alerts(schema)),
        ("objectives", objectives(schema)),
    ];
    Ok(pages.map(|(name, text)| Output::new(format!("{DIRECTORY}/{name}.md"), text)).into())
}

fn metrics(schema: &Schema) -> String {
    let mut page =
        page("Metrics", "What `/metrics` exposes, and the series dashboards and alerts read.");
    for group in groups(schema) {
        let _ = writeln!(page, "\n## {}\n", group_title(group));
        let rows = schema.metrics.values().filter(|metric| metric.group == group).map(metric_row);
        table(&mut page, &["Name", "Kind", "Unit", "Labels", "What it says"], rows);
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
        codes(&metric.labels),
        metric.help.clone(),
    ]
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

fn log_fields(schema: &Schema) -> String {
    let mut page = page("Log fields", "The fields of a log line, in the order they are written.");
    page.push('\n');
    let rows = schema.fields.values().map(|field| {
        vec![
            code(&field.name),
            field.kind.as_str().to_owned(),
            field.unit.clone(),
            field.sensitivity.as_str().to_owned(),
            yes(field.required),
            field.help.clone(),
        ]
    });
    table(
        &mut page,
        &["Name", "Kind", "Unit", "Sensitivity", "In every line", "What it says"],
        rows,
    );
    shipping(&mut page, schema);
    events(&mut page, schema);
    page
}

fn shipping(page: &mut String, schema: &Schema) {
    let shipping = &schema.shipping;
    let _ = write!(
        page,
        "\n## In Loki\n\nStream labels: {}. Structured metadata: {}. Everything else stays in the line.\n\
         Lines are kept {} days.\n",
        codes(&shipping.labels),
        codes(&shipping.structured_metadata),
        schema.retention.logs_days
    );
}

fn events(page: &mut String, schema: &Schema) {
    page.push_str("\n## Events\n\n");
    let rows = schema.events.values().map(|event| {
        vec![
            code(&event.name),
            event.level.as_str().to_owned(),
            event.status.map(|status| status.to_string()).unwrap_or_default(),
            event.success.as_deref().map(code).unwrap_or_default(),
            event.failure.as_deref().map(code).unwrap_or_default(),
            event.help.clone(),
        ]
    });
    let head =
        ["Name", "Level", "HTTP status", "Action of success", "Action of failure", "What it says"];
    table(page, &head, rows);
}

fn audit(schema: &Schema) -> String {
    let mut page = page("Audit trail", "The table `audit_logs` and the actions it records.");
    page.push_str("\n## Columns\n\n");
    let columns = schema.columns.values().map(|column| {
        vec![
            code(&column.name),
            code(&column.sql),
            yes(column.nullable),
            yes(column.platform),
            column.help.clone(),
        ]
    });
    let head = ["Name", "Type", "May be null", "Of the platform's data model", "What it says"];
    table(&mut page, &head, columns);
    page.push_str("\n## Actions\n\n");
    let actions = schema.actions.values().map(|action| {
        let class = action.class.as_str().to_owned();
        vec![code(&action.name), class, yes(action.admin), action.help.clone()]
    });
    table(&mut page, &["Name", "Class", "Admin change", "What it says"], actions);
    let _ = writeln!(page, "\nRows are kept {} days.", schema.retention.audit_days);
    page
}

fn settings(schema: &Schema) -> String {
    let about = "Arguments of `kyros_obs.configure`, each also read from the environment. A secret may also \
                 come from a file: its variable with the suffix `_FILE` names the file.";
    let mut page = page("Settings", about);
    page.push('\n');
    let rows = schema.settings.values().map(setting_row);
    table(&mut page, &["Name", "Variable", "Kind", "Default", "Secret", "What it does"], rows);
    page
}

fn setting_row(setting: &Setting) -> Vec<String> {
    vec![
        code(&setting.name),
        code(&setting.env),
        setting.kind.as_str().to_owned(),
        setting.default.as_deref().map(code).unwrap_or_default(),
        yes(setting.secret),
        setting.help.clone(),
    ]
}

fn alerts(schema: &Schema) -> String {
    let about = "What tells the team that something is wrong. The numbers are the schema's, so a service's \
                 `kyros-obs.toml` may set them; the expressions are in `alerts/`.";
    let mut page = page("Alerts", about);
    page.push('\n');
    let rows = schema.alerts.values().map(alert_row);
    let head = ["Name", "Severity", "Over", "Looking back", "For", "Runbook", "What it says"];
    table(&mut page, &head, rows);
    page
}

fn alert_row(alert: &Alert) -> Vec<String> {
    vec![
        code(&alert.name),
        alert.severity.as_str().to_owned(),
        alert.threshold.to_string(),
        alert.window.to_string(),
        alert.hold.to_string(),
        format!("[{0}](../runbooks/{0}.md)", alert.runbook),
        alert.summary.clone(),
    ]
}

fn objectives(schema: &Schema) -> String {
    let about = "What the services promise. `/metrics` and `/healthz` are left out of them.";
    let mut page = page("Service level objectives", about);
    page.push('\n');
    let rows = schema.objectives.values().map(objective_row);
    let head = ["Name", "Kind", "Target", "Threshold", "Window", "Requests", "What it promises"];
    table(&mut page, &head, rows);
    page
}

fn objective_row(objective: &Objective) -> Vec<String> {
    let requests = [codes(&objective.methods), codes(&objective.endpoints)];
    vec![
        code(&objective.name),
        objective.kind.as_str().to_owned(),
        objective.target.to_string(),
        objective.threshold.as_ref().map(Decimal::to_string).unwrap_or_default(),
        objective.window.to_string(),
        requests.join(" ").trim().to_owned(),
        objective.help.clone(),
    ]
}

fn page(title: &str, about: &str) -> String {
    format!("# {title}\n\n{NOTE}\n\n{about}\n")
}

fn table(page: &mut String, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let _ = writeln!(page, "| {} |", head.join(" | "));
    let _ = writeln!(page, "|{}", " --- |".repeat(head.len()));
    for row in rows {
        let cells: Vec<_> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(page, "| {} |", cells.join(" | "));
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn codes(texts: &[String]) -> String {
    texts.iter().map(|text| code(text)).collect::<Vec<_>>().join(", ")
}

fn yes(it_is: bool) -> String {
    if it_is { "yes".to_owned() } else { String::new() }
}

//! The reference pages: `docs/reference/*.md`.

mod logs;
mod metrics;

use std::fmt::Write as _;

use kyros_schema::{Alert, Decimal, Objective, Schema, Setting};

use crate::{Error, Output};

const DIRECTORY: &str = "docs/reference";

const NOTE: &str = "<!-- Generated from `schema.toml` by `make generate`; do not edit. -->";

/// Writes a page for each part of the schema that people look things up in.
#[expect(clippy::unnecessary_wraps, reason = "all outputs are rendered through one signature")]
pub(crate) fn render(schema: &Schema) -> Result<Vec<Output>, Error> {
    let pages = [
        ("metrics", metrics::page(schema)),
        ("log-fields", logs::page(schema)),
        ("audit", audit(schema)),
        ("settings", settings(schema)),
        ("alerts", alerts(schema)),
        ("objectives", objectives(schema)),
    ];
    Ok(pages.map(|(name, text)| Output::new(format!("{DIRECTORY}/{name}.md"), text)).into())
}

fn audit(schema: &Schema) -> String {
    let mut page = head("Audit trail", "The table `audit_logs` and the actions it records.");
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
    let _ = writeln!(
        page,
        "\nRows are kept {} days, where `deploy/postgres/retention.sql` is run daily.",
        schema.retention.audit_days
    );
    page
}

fn settings(schema: &Schema) -> String {
    let about = "Arguments of `kyros_obs.configure`, each also read from the environment. A secret may also \
                 come from a file: its variable with the suffix `_FILE` names the file.";
    let mut page = head("Settings", about);
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
    let mut page = head("Alerts", about);
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
    let probes: Vec<_> = schema.probes.values().map(|probe| code(&probe.path)).collect();
    let about =
        format!("What the services promise to users: {} are left out.", probes.join(" and "));
    let mut page = head("Service level objectives", &about);
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

fn head(title: &str, about: &str) -> String {
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

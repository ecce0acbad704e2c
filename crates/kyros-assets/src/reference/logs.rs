//! Log fields, what becomes of them in Loki, and events.

use std::fmt::Write as _;

use kyros_schema::Schema;

use super::{code, codes, head, table, yes};

/// The page on log fields.
pub(super) fn page(schema: &Schema) -> String {
    let mut page = head("Log fields", "The fields of a log line, in the order they are written.");
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

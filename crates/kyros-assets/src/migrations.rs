//! The DDL of the audit trail: `migrations/`.
//!
//! A released migration never changes: databases keep its checksum. A change of the columns is then
//! a migration of its own, and a service's numbers are no part of any: see `deploy/postgres/`.

use kyros_schema::names::column;
use kyros_schema::{Column, Schema};

use crate::{Error, Output};

/// Everything but what derives from the schema.
const TEMPLATE: &str = include_str!("migrations/audit_logs.sql");

/// What tells an event from every other. The tenant leads, by which a cluster would be sharded, and
/// a partitioned table needs the time.
const KEY: [&str; 3] = [column::TENANT_ID, column::TS, column::EVENT_ID];

/// Days that no call can go below.
const RETENTION_FLOOR: u32 = 365;

/// What the database writes where an insert doesn't say.
const DEFAULTS: [(&str, &str); 3] = [
    (column::ID, "GENERATED ALWAYS AS IDENTITY"),
    (column::META, "DEFAULT '{}'"),
    (column::INGESTED_AT, "DEFAULT now()"),
];

/// Indexes: name, method, columns. Rows come in order of time, so that a block index of it is small.
const INDEXES: [(&str, &str, &[&str]); 5] = [
    ("audit_logs_by_id", "btree", &[column::ID]),
    ("audit_logs_by_ts", "brin", &[column::TS]),
    ("audit_logs_by_sub", "btree", &[column::SUB, column::TS]),
    ("audit_logs_by_action", "btree", &[column::ACTION, column::TS]),
    ("audit_logs_by_trace", "btree", &[column::TRACE_ID]),
];

/// Writes the migrations that derive from the schema.
#[expect(clippy::unnecessary_wraps, reason = "all outputs are rendered through one signature")]
pub(crate) fn render(schema: &Schema) -> Result<Vec<Output>, Error> {
    let text = TEMPLATE
        .replace("{columns}", &lines(schema, ",\n", declaration))
        .replace("{comments}", &lines(schema, "\n", comment))
        .replace("{names}", &lines(schema, ", ", |column| column.name.clone()))
        .replace("{indexes}", &INDEXES.map(index).join("\n"))
        .replace("{key}", &KEY.join(", "))
        .replace("{time}", column::TS)
        .replace("{keep}", &Schema::embedded().retention.audit_days.to_string())
        .replace("{floor}", &RETENTION_FLOOR.to_string());
    Ok(vec![Output::new("migrations/0001_audit_logs.sql", text)])
}

fn lines(schema: &Schema, between: &str, write: impl Fn(&Column) -> String) -> String {
    schema.columns.values().map(write).collect::<Vec<_>>().join(between)
}

fn declaration(column: &Column) -> String {
    let Column { name, sql, .. } = column;
    let default = DEFAULTS.iter().find(|(defaulted, _)| defaulted == name);
    let default = default.map(|(_, default)| format!(" {default}")).unwrap_or_default();
    let null = if column.nullable { "" } else { " NOT NULL" };
    format!("    {name} {sql}{null}{default}")
}

fn comment(column: &Column) -> String {
    let help = column.help.replace('\'', "''");
    format!("COMMENT ON COLUMN public.audit_logs.{} IS '{help}';", column.name)
}

fn index((name, method, columns): (&str, &str, &[&str])) -> String {
    let columns = columns.join(", ");
    format!("CREATE INDEX IF NOT EXISTS {name} ON public.audit_logs USING {method} ({columns});")
}

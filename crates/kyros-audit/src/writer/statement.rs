//! The statement that inserts a batch.

use kyros_schema::names::column;
use kyros_schema::{Column, Schema};

/// What the database gives itself.
const GENERATED: [&str; 2] = [column::ID, column::INGESTED_AT];

/// Inserts the objects of a JSON array, each key a column; those that are there already stay as
/// they are. It needs no right but INSERT.
pub(super) fn insert(schema: &Schema) -> String {
    let columns: Vec<_> =
        schema.columns.values().filter(|column| !GENERATED.contains(&&*column.name)).collect();
    let names = list(&columns, |column| column.name.clone());
    let typed = list(&columns, |column| format!("{} {}", column.name, column.sql));
    format!(
        "INSERT INTO public.audit_logs ({names}) \
         SELECT {names} FROM jsonb_to_recordset($1::jsonb) AS event ({typed}) \
         ON CONFLICT DO NOTHING"
    )
}

fn list(columns: &[&Column], write: impl Fn(&Column) -> String) -> String {
    columns.iter().map(|column| write(column)).collect::<Vec<_>>().join(", ")
}

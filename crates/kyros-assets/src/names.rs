//! The schema's names as Rust constants: `crates/kyros-schema/src/names.rs`.

use std::fmt::Write as _;

use kyros_schema::Schema;

use crate::{Error, Output};

const PATH: &str = "crates/kyros-schema/src/names.rs";

const HEADER: &str = "//! Generated from `schema.toml` by `make generate`; do not edit.
//!
//! The names of the schema as constants: the only way to name a row in code.
";

/// Writes a constant for each name of the schema, in a module for each table.
#[expect(clippy::unnecessary_wraps, reason = "all outputs are rendered through one signature")]
pub(crate) fn render(schema: &Schema) -> Result<Vec<Output>, Error> {
    let mut text = HEADER.to_owned();
    for table in tables(schema) {
        module(&mut text, &table);
    }
    Ok(vec![Output::new(PATH, text)])
}

/// Names that code may speak of: those of one table of the schema, or the values of one label.
pub(crate) struct NameTable<'a> {
    /// The module's name.
    pub(crate) module: &'a str,
    /// What the names are.
    pub(crate) title: String,
    /// What each of the texts is, as a type's last word.
    pub(crate) kind: &'static str,
    /// In the order of the schema.
    pub(crate) rows: Vec<NamedText<'a>>,
}

/// A text that code speaks of by a constant.
pub(crate) struct NamedText<'a> {
    pub(crate) constant: String,
    pub(crate) text: &'a str,
    pub(crate) help: String,
}

/// The tables whose names code may speak of, then the closed sets of label values, then the paths.
pub(crate) fn tables(schema: &Schema) -> Vec<NameTable<'_>> {
    macro_rules! table {
        ($module:literal, $title:literal, $rows:ident, $text:ident, $kind:literal) => {
            NameTable {
                module: $module,
                title: $title.to_owned(),
                kind: $kind,
                rows: schema
                    .$rows
                    .values()
                    .map(|row| named(&row.name, &row.$text, &row.help))
                    .collect(),
            }
        };
    }
    let tables = [
        table!("label", "Labels", labels, name, "Name"),
        table!("metric", "Metrics", metrics, name, "Name"),
        table!("field", "Log fields", fields, name, "Name"),
        table!("column", "Audit columns", columns, name, "Name"),
        table!("action", "Audit actions", actions, name, "Name"),
        table!("event", "Events", events, name, "Name"),
        table!("setting", "Settings", settings, name, "Name"),
        table!("probe", "Paths that machines ask for", probes, path, "Path"),
    ];
    tables.into_iter().chain(closed_sets(schema)).collect()
}

/// The labels that take no value but a few.
fn closed_sets(schema: &Schema) -> impl Iterator<Item = NameTable<'_>> {
    let labels = schema.labels.values().filter(|label| !label.values.is_empty());
    labels.map(|label| {
        let value = |value| named(value, value, &format!("Label `{}`: `{value}`.", label.name));
        NameTable {
            module: &label.name,
            title: format!("Values of the label `{}`", label.name),
            kind: "Value",
            rows: label.values.iter().map(String::as_str).map(value).collect(),
        }
    })
}

fn named<'a>(name: &str, text: &'a str, help: &str) -> NamedText<'a> {
    let constant = name.trim_start_matches('_').to_uppercase();
    NamedText { constant, text, help: help.to_owned() }
}

fn module(text: &mut String, table: &NameTable<'_>) {
    let _ = write!(text, "\n/// {}.\npub mod {} {{\n", table.title, table.module);
    for NamedText { constant, text: value, help } in &table.rows {
        let _ = writeln!(text, "    /// {help}\n    pub const {constant}: &str = {value:?};");
    }
    text.push_str("}\n");
}

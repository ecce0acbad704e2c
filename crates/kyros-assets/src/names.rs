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

/// The names of one table of the schema, each with its help.
pub(crate) struct NameTable<'a> {
    /// The module's name.
    pub(crate) module: &'static str,
    /// What the names are.
    pub(crate) title: &'static str,
    /// Names and helps, in the order of the schema.
    pub(crate) rows: Vec<(&'a str, &'a str)>,
}

/// The tables whose names code may speak of.
pub(crate) fn tables(schema: &Schema) -> Vec<NameTable<'_>> {
    macro_rules! table {
        ($module:literal, $title:literal, $rows:ident) => {
            NameTable {
                module: $module,
                title: $title,
                rows: schema.$rows.values().map(|row| (&*row.name, &*row.help)).collect(),
            }
        };
    }
    vec![
        table!("label", "Labels", labels),
        table!("metric", "Metrics", metrics),
        table!("field", "Log fields", fields),
        table!("column", "Audit columns", columns),
        table!("action", "Audit actions", actions),
        table!("event", "Events", events),
        table!("setting", "Settings", settings),
    ]
}

fn module(text: &mut String, table: &NameTable<'_>) {
    let _ = write!(text, "\n/// {}.\npub mod {} {{\n", table.title, table.module);
    for (name, help) in &table.rows {
        let constant = name.to_uppercase();
        let _ = writeln!(text, "    /// {help}\n    pub const {constant}: &str = {name:?};");
    }
    text.push_str("}\n");
}

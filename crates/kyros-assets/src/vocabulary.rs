//! The schema's names as typed Python: `python/kyros_obs/_vocabulary.py`.

use std::fmt::Write as _;

use kyros_schema::{Label, Schema};

use crate::names::{NameTable, tables};
use crate::{Error, Output};

const PATH: &str = "python/kyros_obs/_vocabulary.py";

const HEADER: &str = r#""""The names of the schema, typed. Generated from `schema.toml` by `make generate`; do not edit."""
# ruff: noqa: E501, S105  (a help is one line; a name with "token" in it is no secret)

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias
"#;

/// Writes a constant for each name of the schema, and a `Literal` type for each table.
#[expect(clippy::unnecessary_wraps, reason = "all outputs are rendered through one signature")]
pub(crate) fn render(schema: &Schema) -> Result<Vec<Output>, Error> {
    let mut text = HEADER.to_owned();
    for table in tables(schema) {
        names(&mut text, &table);
    }
    for label in schema.labels.values().filter(|label| !label.values.is_empty()) {
        closed_set(&mut text, label);
    }
    environment(&mut text, schema);
    Ok(vec![Output::new(PATH, text)])
}

fn names(text: &mut String, table: &NameTable<'_>) {
    let prefix = table.module.to_uppercase();
    let _ = writeln!(text, "\n# {}.\n", table.title);
    for (name, help) in &table.rows {
        let _ = writeln!(text, "{prefix}_{}: Final = {name:?}", name.to_uppercase());
        let _ = writeln!(text, "\"\"\"{help}\"\"\"");
    }
    let kind = capitalised(table.module);
    literal(text, &format!("{kind}Name"), table.rows.iter().map(|(name, _)| *name));
}

fn closed_set(text: &mut String, label: &Label) {
    let kind = label.name.split('_').map(capitalised).collect::<String>();
    literal(text, &format!("{kind}Value"), label.values.iter().map(String::as_str));
    let _ = writeln!(text, "\"\"\"Values of the label `{}`.\"\"\"", label.name);
}

fn literal<'a>(text: &mut String, name: &str, values: impl Iterator<Item = &'a str>) {
    let _ = writeln!(text, "\n{name}: TypeAlias = Literal[");
    for value in values {
        let _ = writeln!(text, "    {value:?},");
    }
    text.push_str("]\n");
}

fn environment(text: &mut String, schema: &Schema) {
    text.push_str("\nENVIRONMENT: Final[Mapping[SettingName, str]] = {\n");
    for setting in schema.settings.values() {
        let _ = writeln!(text, "    {:?}: {:?},", setting.name, setting.env);
    }
    text.push_str("}\n\"\"\"The environment variable of each setting.\"\"\"\n");
    text.push_str("\nSECRETS: Final[tuple[SettingName, ...]] = (\n");
    for setting in schema.settings.values().filter(|setting| setting.secret) {
        let _ = writeln!(text, "    {:?},", setting.name);
    }
    text.push_str(")\n");
    text.push_str(
        "\"\"\"Settings that may come from the file which the `_FILE` twin names.\"\"\"\n",
    );
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_uppercase() + rest
}

//! The schema's names as typed Python: `python/kyros_obs/_vocabulary.py`.

use std::fmt::Write as _;

use kyros_schema::Schema;

use crate::names::{NameTable, NamedText, tables};
use crate::{Error, Output};

const PATH: &str = "python/kyros_obs/_vocabulary.py";

const HEADER: &str = r#""""The names of the schema, typed. Generated from `schema.toml` by `make generate`; do not edit."""
# ruff: noqa: E501, S105  (a help is one line; a name with "token" in it is no secret)

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias
"#;

/// Writes a constant for each name and closed value of the schema, and a `Literal` type for each table.
#[expect(clippy::unnecessary_wraps, reason = "all outputs are rendered through one signature")]
pub(crate) fn render(schema: &Schema) -> Result<Vec<Output>, Error> {
    let mut text = HEADER.to_owned();
    for table in tables(schema) {
        names(&mut text, &table);
    }
    environment(&mut text, schema);
    Ok(vec![Output::new(PATH, text)])
}

fn names(text: &mut String, table: &NameTable<'_>) {
    let prefix = table.module.to_uppercase();
    let _ = writeln!(text, "\n# {}.\n", table.title);
    for NamedText { constant, text: value, help } in &table.rows {
        let _ = writeln!(text, "{prefix}_{constant}: Final = {value:?}");
        let _ = writeln!(text, "\"\"\"{help}\"\"\"");
    }
    let kind = table.module.split('_').map(capitalised).collect::<String>() + table.kind;
    literal(text, &kind, table.rows.iter().map(|row| row.text));
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

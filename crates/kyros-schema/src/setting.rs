//! Settings of the runtime, read from the environment or given to `configure`.

use crate::row::{Row, word_of};

/// A setting.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The name as an argument of `configure`.
    pub name: String,
    /// The environment variable; a secret has a twin with the suffix `_FILE`.
    pub env: String,
    /// The type of its value.
    pub kind: SettingKind,
    /// The value where none is given.
    pub default: Option<String>,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// What it does.
    pub help: String,
}

/// Types of setting values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SettingKind {
    /// A text.
    Text,
    /// A path.
    Path,
    /// `true` or `false`.
    Flag,
}

const KINDS: [(&str, SettingKind); 3] =
    [("text", SettingKind::Text), ("path", SettingKind::Path), ("flag", SettingKind::Flag)];

impl Setting {
    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self {
            name: row.name.to_owned(),
            env: row.text("env"),
            kind: row.choice("kind", &KINDS).unwrap_or(SettingKind::Text),
            default: row.optional_text("default"),
            secret: row.flag("secret"),
            help: row.text("help"),
        }
    }
}

impl SettingKind {
    /// The kind's word in the schema.
    pub fn as_str(self) -> &'static str {
        word_of(self, &KINDS)
    }
}

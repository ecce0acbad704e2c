//! Columns and actions of the audit trail.

use crate::row::{Row, word_of};

/// A column of `audit_logs`.
#[derive(Clone, Debug)]
pub struct Column {
    /// The column's name.
    pub name: String,
    /// Its Postgres type.
    pub sql: String,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether it is one of the eight columns of the platform's data model.
    pub platform: bool,
    /// What it says.
    pub help: String,
}

/// Something a user does that the audit trail records.
#[derive(Clone, Debug)]
pub struct Action {
    /// The action's name.
    pub name: String,
    /// What happens when it can't be recorded.
    pub class: ActionClass,
    /// Whether it changes metadata or configuration.
    pub admin: bool,
    /// What it says.
    pub help: String,
}

/// What happens when an action can't be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActionClass {
    /// It must not happen unrecorded.
    Critical,
    /// It is recorded before the caller goes on.
    Standard,
    /// It may be shed, and then is counted.
    View,
}

const CLASSES: [(&str, ActionClass); 3] = [
    ("critical", ActionClass::Critical),
    ("standard", ActionClass::Standard),
    ("view", ActionClass::View),
];

impl Column {
    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self {
            name: row.name.to_owned(),
            sql: row.text("sql"),
            nullable: row.flag("nullable"),
            platform: row.flag("platform"),
            help: row.text("help"),
        }
    }
}

impl Action {
    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self {
            name: row.name.to_owned(),
            class: row.choice("class", &CLASSES).unwrap_or(ActionClass::Standard),
            admin: row.flag("admin"),
            help: row.text("help"),
        }
    }
}

impl ActionClass {
    /// The class's word in the schema.
    pub fn as_str(self) -> &'static str {
        word_of(self, &CLASSES)
    }
}

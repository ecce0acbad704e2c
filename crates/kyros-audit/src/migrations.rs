//! The migrations, as the generator wrote them.

/// A migration: released ones never change.
pub(crate) struct Migration {
    /// Its number, from 1 without gaps.
    pub(crate) version: i32,
    /// What it is called.
    pub(crate) name: &'static str,
    /// Its text.
    pub(crate) sql: &'static str,
}

/// All migrations, in the order they are applied.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "0001_audit_logs",
    sql: include_str!("../../../migrations/0001_audit_logs.sql"),
}];

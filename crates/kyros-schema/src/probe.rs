//! Paths that a kubelet or Prometheus asks for, and no user.

use crate::row::Row;

/// A path that machines ask for: counted, and left out of rules and objectives.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The probe's name.
    pub name: String,
    /// The path it asks for.
    pub path: String,
    /// What it asks.
    pub help: String,
}

impl Probe {
    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self { name: row.name.to_owned(), path: row.text("path"), help: row.text("help") }
    }
}

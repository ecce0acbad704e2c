//! Labels, and how many values each may take.

use crate::problem::Place;
use crate::row::Row;

/// What may distinguish the series of a metric.
#[derive(Clone, Debug)]
pub struct Label {
    /// The label's name.
    pub name: String,
    /// What it says.
    pub help: String,
    /// The most distinct values it may take in a process.
    pub bound: u32,
    /// The closed set of its values; empty where any value may come.
    pub values: Vec<String>,
    pub(crate) place: Place,
}

impl Label {
    /// The bound of a label that only a call names.
    pub const DEFAULT_BOUND: u32 = 100;

    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self {
            name: row.name.to_owned(),
            place: row.place.clone(),
            help: row.text("help"),
            bound: row.number("bound").unwrap_or(Self::DEFAULT_BOUND),
            values: row.texts("values"),
        }
    }
}

//! Recording rules: the names under which Prometheus keeps computed series.

use crate::metric::{UNITS, Unit};
use crate::problem::Place;
use crate::row::Row;

/// A recorded series.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The series' name, `level:metric:operation`.
    pub name: String,
    /// The unit of its values.
    pub unit: Unit,
    /// What it says.
    pub help: String,
    /// The labels it keeps.
    pub labels: Vec<String>,
    pub(crate) place: Place,
}

impl Recording {
    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self {
            name: row.name.to_owned(),
            place: row.place.clone(),
            unit: row.choice_or("unit", &UNITS, Unit::None),
            help: row.text("help"),
            labels: row.texts("labels"),
        }
    }
}

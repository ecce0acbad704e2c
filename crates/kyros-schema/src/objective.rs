//! Service level objectives.

use crate::decimal::Decimal;
use crate::duration::Duration;
use crate::problem::Place;
use crate::row::{Row, word_of};

/// A service level objective.
#[derive(Clone, Debug)]
pub struct Objective {
    /// The objective's name.
    pub name: String,
    /// What it measures.
    pub kind: ObjectiveKind,
    /// What it promises; one sentence.
    pub help: String,
    /// The share of 1 that has to be good.
    pub target: Decimal,
    /// The time over which it is judged.
    pub window: Duration,
    /// The histogram of a latency objective.
    pub metric: Option<String>,
    /// The most a latency may be, in the metric's unit.
    pub threshold: Option<Decimal>,
    /// The methods it speaks of; empty for all.
    pub methods: Vec<String>,
    /// The route templates it speaks of; empty for all.
    pub endpoints: Vec<String>,
    pub(crate) place: Place,
}

/// What an objective measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectiveKind {
    /// Successful probes.
    Probe,
    /// Requests not answered with a 5xx.
    Errors,
    /// Requests answered within a threshold.
    Latency,
}

const KINDS: [(&str, ObjectiveKind); 3] = [
    ("probe", ObjectiveKind::Probe),
    ("errors", ObjectiveKind::Errors),
    ("latency", ObjectiveKind::Latency),
];

impl Objective {
    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self {
            name: row.name.to_owned(),
            place: row.place.clone(),
            kind: row.choice("kind", &KINDS).unwrap_or(ObjectiveKind::Errors),
            help: row.text("help"),
            target: row.number("target").unwrap_or_else(Decimal::one),
            window: row.duration("window"),
            metric: row.optional_text("metric"),
            threshold: row.optional_number("threshold"),
            methods: row.texts("methods"),
            endpoints: row.texts("endpoints"),
        }
    }
}

impl ObjectiveKind {
    /// The kind's word in the schema.
    pub fn as_str(self) -> &'static str {
        word_of(self, &KINDS)
    }
}

//! Business and security events.

use crate::names::outcome;
use crate::problem::Place;
use crate::row::{Row, word_of};

/// An event: a log line, a counter, and an audit row where it names an action.
#[derive(Clone, Debug)]
pub struct Event {
    /// The event's name.
    pub name: String,
    /// What it says.
    pub help: String,
    /// Level of its log line; a failure is at least `warn`.
    pub level: EventLevel,
    /// The audit action of its success.
    pub success: Option<String>,
    /// The audit action of its failure.
    pub failure: Option<String>,
    /// The status of an HTTP answer that is this event.
    pub status: Option<u16>,
    pub(crate) place: Place,
}

/// Levels of an event's log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventLevel {
    /// As it should be.
    Info,
    /// Worth a look.
    Warn,
    /// Wrong.
    Error,
}

const LEVELS: [(&str, EventLevel); 3] =
    [("info", EventLevel::Info), ("warn", EventLevel::Warn), ("error", EventLevel::Error)];

impl Event {
    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self {
            name: row.name.to_owned(),
            place: row.place.clone(),
            help: row.text("help"),
            level: row.choice_or("level", &LEVELS, EventLevel::Info),
            success: row.optional_text("success"),
            failure: row.optional_text("failure"),
            status: row.optional_number("status"),
        }
    }

    /// The audit action for an outcome; any but `success` counts as a failure.
    pub fn action(&self, outcome: &str) -> Option<&str> {
        if outcome == outcome::SUCCESS { self.success.as_deref() } else { self.failure.as_deref() }
    }
}

impl EventLevel {
    /// The level's word in the schema and in log lines.
    pub fn as_str(self) -> &'static str {
        word_of(self, &LEVELS)
    }
}

//! Alerts: their numbers and words. The expressions are in `alerts/`.

use crate::decimal::Decimal;
use crate::duration::Duration;
use crate::problem::Place;
use crate::row::{Row, word_of};

/// An alert.
#[derive(Clone, Debug)]
pub struct Alert {
    /// The alert's name.
    pub name: String,
    /// Who is disturbed.
    pub severity: Severity,
    /// The value over which it fires.
    pub threshold: Decimal,
    /// The range its expression looks back.
    pub window: Duration,
    /// How long the condition has to hold.
    pub hold: Duration,
    /// The histogram whose buckets have to contain the threshold.
    pub metric: Option<String>,
    /// The runbook: a page of `docs/runbooks/` without its suffix.
    pub runbook: String,
    /// The dashboard to look at first: a source of `dashboards/` without its suffix.
    pub dashboard: String,
    /// A static sentence.
    pub summary: String,
    /// A sentence in which `{threshold}` and `{window}` stand for the numbers.
    pub description: String,
    /// Where its numbers were last set.
    pub place: Place,
}

/// Who an alert disturbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// Somebody is woken.
    Page,
    /// Somebody looks in working hours.
    Ticket,
}

const SEVERITIES: [(&str, Severity); 2] = [("page", Severity::Page), ("ticket", Severity::Ticket)];

impl Alert {
    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self {
            name: row.name.to_owned(),
            place: row.place.clone(),
            severity: row.choice("severity", &SEVERITIES).unwrap_or(Severity::Page),
            threshold: row.number("threshold").unwrap_or_else(Decimal::one),
            window: row.duration("window"),
            hold: row.duration("for"),
            metric: row.optional_text("metric"),
            runbook: row.text("runbook"),
            dashboard: row.text("dashboard"),
            summary: row.text("summary"),
            description: row.text("description"),
        }
    }
}

impl Severity {
    /// The word in the schema and in the label `severity`.
    pub fn as_str(self) -> &'static str {
        word_of(self, &SEVERITIES)
    }
}

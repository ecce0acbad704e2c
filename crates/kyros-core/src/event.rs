//! Business and security events: a line and a counter, and an audit row where the schema says so.

use kyros_logs::Level;
use kyros_metrics::value;
use kyros_redact::Value;
use kyros_schema::EventLevel;

use crate::context::Context;
use crate::error::Error;
use crate::line::Entry;
use crate::runtime::Runtime;

/// The outcome of what went as it should; every other is at least a warning.
pub(crate) const SUCCESS: &str = "success";
/// The outcome of a request that was refused.
const DENIED: &str = "denied";

/// Outcomes of events that have a series from the start, so that `increase()` sees the first one.
const KNOWN_OUTCOMES: [&str; 3] = [SUCCESS, "failure", DENIED];

impl Runtime {
    /// Records that something happened, for the identity of the request it happened in. An event
    /// that the schema does not name is counted and logged.
    ///
    /// # Errors
    /// As [`Runtime::audit`], where the schema makes an audit action of it; line and counter are
    /// written all the same.
    pub fn event(
        &self,
        name: &str,
        outcome: &str,
        fields: Vec<(String, Value)>,
        context: Option<&Context>,
    ) -> Result<(), Error> {
        let row = self.settings().schema().events.get(name);
        self.count_event(name, outcome, context);
        let level = row.map_or(Level::Info, |row| level(row.level));
        let level = if outcome == SUCCESS { level } else { level.max(Level::Warn) };
        let entry = |fields| Entry { outcome: Some(outcome), fields, ..Entry::new(level, name) };
        let Some(action) = row.and_then(|row| row.action(outcome)) else {
            self.write(entry(fields), context);
            return Ok(());
        };
        self.write(entry(fields.clone()), context);
        self.audit(action, None, outcome, fields, context).map(|_| ())
    }

    /// The event that the schema makes of a refusing status.
    pub(crate) fn note_refusal(&self, status: u16, context: &Context) {
        let rows = &self.settings().schema().events;
        if let Some(row) = rows.values().find(|row| row.status == Some(status)) {
            // The answer is on its way, so nobody is left to tell; the failure has been counted.
            let _ = self.event(&row.name, DENIED, Vec::new(), Some(context));
        }
    }

    pub(crate) fn initialise_events(&self) {
        let schema = self.settings().schema();
        for (name, outcome) in
            schema.events.keys().flat_map(|name| KNOWN_OUTCOMES.map(|outcome| (name, outcome)))
        {
            self.families().events.series(&[self.settings().service(), name, outcome, value::NONE]);
        }
    }

    fn count_event(&self, name: &str, outcome: &str, context: Option<&Context>) {
        let tenant = context.and_then(|context| context.identity().tenant_id);
        let tenant = tenant.as_deref().unwrap_or(value::NONE);
        let labels = [self.settings().service(), name, outcome, tenant];
        self.families().events.series(&labels).add(1.0);
    }
}

fn level(level: EventLevel) -> Level {
    match level {
        EventLevel::Info => Level::Info,
        EventLevel::Warn => Level::Warn,
        EventLevel::Error => Level::Error,
    }
}

//! Audit events: what the measurement knows, handed to the durable trail.

use std::sync::{Mutex, PoisonError};

use kyros_audit::{Event, Observer, Receipt, Stats};
use kyros_logs::Level;
use kyros_metrics::Family;
use kyros_redact::{Findings, Value};
use kyros_schema::ActionClass;

use crate::context::Context;
use crate::email;
use crate::error::Error;
use crate::families::Families;
use crate::instrumentation::component;
use crate::line::Entry;
use crate::runtime::Runtime;

impl Runtime {
    /// Records an action for the identity of the request it was done in. The event is on disk
    /// when this returns. An action that the schema does not name is recorded and flagged.
    ///
    /// Answers nothing where the event could not be recorded and its action may go without; the
    /// failure is counted then.
    ///
    /// # Errors
    /// [`Error::Audit`] where the event could not be recorded and its action is critical.
    pub fn audit(
        &self,
        action: &str,
        resource: Option<&str>,
        outcome: &str,
        mut meta: Vec<(String, Value)>,
        context: Option<&Context>,
    ) -> Result<Option<Receipt>, Error> {
        let row = self.settings().schema().actions.get(action);
        if row.is_none() {
            self.families().unknown_actions.series(&[]).add(1.0);
        }
        let identity = context.map(Context::identity).unwrap_or_default();
        let claimed = identity.email.is_none().then(|| email::claimed(&mut meta)).flatten();
        let stand_ins = self.stand_ins(identity.email.as_deref().or(claimed.as_deref()));
        let class = row.map_or(ActionClass::Standard, |row| row.class);
        let (redactor, mut findings) = (self.redactor(), Findings::default());
        let action = redactor.text(action, &mut findings);
        let outcome = redactor.text(outcome, &mut findings);
        let resource = resource.map(|text| redactor.text(text, &mut findings));
        let event = Event {
            known_action: row.is_some(),
            resource: resource.as_deref(),
            sub: identity.sub.as_deref(),
            email: identity.email.as_deref(),
            email_hash: stand_ins.hash.as_deref(),
            email_domain: stand_ins.domain.as_deref(),
            tenant_id: identity.tenant_id.as_deref(),
            env: Some(self.settings().env()),
            ..Event::new(
                &action,
                class,
                &outcome,
                self.settings().service(),
                redactor.json(&Value::Map(meta), &mut findings),
            )
        };
        self.count_redactions(&findings);
        self.received(self.record(event, context), class)
    }

    /// Records an event with the trace of its context.
    fn record(
        &self,
        event: Event<'_>,
        context: Option<&Context>,
    ) -> Result<Receipt, kyros_audit::Error> {
        let trace = context.map(Context::trace);
        let trace_id = trace.map(|trace| trace.trace_id.to_string());
        let span_id = trace.map(|trace| trace.span_id.to_string());
        self.trail().record(&Event {
            trace_id: trace_id.as_deref(),
            span_id: span_id.as_deref(),
            ..event
        })
    }

    fn received(
        &self,
        recorded: Result<Receipt, kyros_audit::Error>,
        class: ActionClass,
    ) -> Result<Option<Receipt>, Error> {
        match recorded {
            Ok(receipt) => {
                self.tell_problem();
                Ok(Some(receipt))
            }
            Err(error) => {
                self.failed(component::AUDIT, &error.to_string());
                if class == ActionClass::Critical { Err(error.into()) } else { Ok(None) }
            }
        }
    }

    /// Brings the age of the oldest pending event up to date; all else is in the metrics since it
    /// was counted. The first scrape starts the trail's writer, so that an idle service ships what
    /// its predecessor has left behind.
    pub(crate) fn state_audit(&self) {
        if let Err(error) = self.trail().start() {
            self.failed(component::AUDIT, &error.to_string());
        }
        self.trail().publish();
        self.tell_problem();
    }

    /// Logs what keeps events from Postgres, once for each change.
    fn tell_problem(&self) {
        if let Some((level, message)) = self.stated().news(|| self.trail().problem()) {
            self.write(Entry::log(level, env!("CARGO_PKG_NAME"), &message), None);
        }
    }
}

/// What the log says of the trail already. A child of `fork` begins anew, as the trail does.
#[derive(Default)]
pub(crate) struct Stated {
    problem: Mutex<Option<String>>,
}

impl Stated {
    /// Takes note of the problem there is, if any; what to say where it is another one than before.
    /// It is read in turn, so that no thread takes an old one for news.
    fn news(&self, read: impl FnOnce() -> Option<String>) -> Option<(Level, String)> {
        let mut known = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        let problem = read();
        if *known == problem {
            return None;
        }
        known.clone_from(&problem);
        Some(match problem {
            Some(problem) => (Level::Error, format!("audit events stay in the spool: {problem}")),
            None => (Level::Info, "audit events reach Postgres again".to_owned()),
        })
    }
}

/// What brings the trail's numbers into their metrics, in each process that counts them. It holds
/// families alone, so that the runtime and its trail are dropped when nobody else needs them.
pub(crate) fn observer(families: &Families) -> Observer {
    let counters: [(Family, Count); 5] = [
        (families.spooled.clone(), |stats| stats.spooled),
        (families.shipped.clone(), |stats| stats.shipped),
        (families.rejected.clone(), |stats| stats.rejected),
        (families.shed.clone(), |stats| stats.shed),
        (families.spool_errors.clone(), |stats| stats.spool_errors),
    ];
    let (pending, oldest) = (families.pending.clone(), families.oldest_pending.clone());
    Observer::new(move |before, now| {
        for (family, count) in &counters {
            raise(family, count(before), count(now));
        }
        pending.series(&[]).set(float(now.pending));
        oldest.series(&[]).set(now.oldest_pending_seconds);
    })
}

/// One of the counts.
type Count = fn(&Stats) -> u64;

fn raise(family: &Family, before: u64, now: u64) {
    if now > before {
        family.series(&[]).add(float(now - before));
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;

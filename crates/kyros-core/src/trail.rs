//! Audit events: what the measurement knows, handed to the durable trail.

use std::sync::{Mutex, PoisonError};

use kyros_audit::{Event, Receipt, Stats};
use kyros_logs::Level;
use kyros_metrics::Family;
use kyros_redact::{Findings, Value};
use kyros_schema::ActionClass;

use crate::context::Context;
use crate::email;
use crate::error::Error;
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
            Ok(receipt) => Ok(Some(receipt)),
            Err(error) => {
                self.failed(component::AUDIT, &error.to_string());
                if class == ActionClass::Critical { Err(error.into()) } else { Ok(None) }
            }
        }
    }

    /// Brings the trail's own numbers into its metrics. The first scrape starts its writer, so that
    /// an idle service ships what its predecessor has left behind.
    pub(crate) fn state_audit(&self) {
        if let Err(error) = self.trail().start() {
            self.failed(component::AUDIT, &error.to_string());
        }
        self.stated().state(self.trail().stats(), self);
        self.tell_problem();
    }

    /// Logs what keeps events from Postgres, once for each change.
    fn tell_problem(&self) {
        let problem = self.trail().problem();
        if !self.stated().is_news(problem.as_ref()) {
            return;
        }
        let (level, message) = match problem {
            Some(problem) => (Level::Error, format!("audit events stay in the spool: {problem}")),
            None => (Level::Info, "audit events reach Postgres again".to_owned()),
        };
        self.write(Entry::log(level, env!("CARGO_PKG_NAME"), &message), None);
    }
}

/// What metrics and log say of the trail already. A child of `fork` counts anew, as the trail does.
#[derive(Default)]
pub(crate) struct Stated {
    counts: Mutex<Stats>,
    problem: Mutex<Option<String>>,
}

impl Stated {
    /// Takes note of a problem; whether it is another one than before.
    fn is_news(&self, problem: Option<&String>) -> bool {
        let mut known = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        let news = known.as_ref() != problem;
        *known = problem.cloned();
        news
    }

    fn state(&self, now: Stats, runtime: &Runtime) {
        let mut before = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let families = runtime.families();
        raise(&families.spooled, before.spooled, now.spooled);
        raise(&families.shipped, before.shipped, now.shipped);
        raise(&families.rejected, before.rejected, now.rejected);
        raise(&families.shed, before.shed, now.shed);
        raise(&families.spool_errors, before.spool_errors, now.spool_errors);
        families.pending.series(&[]).set(float(now.pending));
        families.oldest_pending.series(&[]).set(now.oldest_pending_seconds);
        *before = now;
    }
}

fn raise(family: &Family, before: u64, now: u64) {
    family.series(&[]).add(float(now.saturating_sub(before)));
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

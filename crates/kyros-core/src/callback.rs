//! One run of a Dash callback.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use kyros_metrics::{Exemplar, value};
use kyros_redact::Value;
use kyros_schema::names::label;
use kyros_traces::TraceContext;

use crate::background::Phase;
use crate::context::Context;
use crate::identity::Identity;
use crate::query::Query;
use crate::request::{Request, size};
use crate::runtime::Runtime;
use crate::span::Run;

/// It returned.
const OK: &str = "ok";
/// It raised, and the application's `on_error` made an answer of it.
const HANDLED: &str = "handled";
/// It raised.
const ERROR: &str = "error";

/// Which callback of which application it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackName {
    /// The application.
    pub app_slug: String,
    /// The callback, in metrics: short, and one of few.
    pub label: String,
    /// Its whole id, as Dash has it.
    pub id: String,
    /// The function that is called, with its module.
    pub function: String,
}

/// A run that is being measured. Its methods may be called from any thread.
pub struct Callback {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) context: Arc<Context>,
    pub(crate) name: Arc<CallbackName>,
    /// Where it is in the trace: its own span below that of its request.
    span: TraceContext,
    waited: Option<Duration>,
    begun: Instant,
    progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    outcome: Option<String>,
    phase: Option<Phase>,
    answered: Option<u64>,
    logged_errors: u32,
    blocks: bool,
    raised: bool,
    finished: bool,
}

impl Runtime {
    /// Begins a run; it shares identity and trace with the request that triggered it. Over a
    /// WebSocket there are many, at the same time even: each is for whom the connection is known to
    /// be for by now, and what one of them binds is no other's.
    pub fn callback(
        self: &Arc<Self>,
        name: &Arc<CallbackName>,
        request: Option<&Request>,
    ) -> Callback {
        let context = match request {
            Some(request) if request.conversation.is_some() => Arc::new(request.context().inner()),
            Some(request) => Arc::clone(request.context()),
            None => Arc::new(self.entered(None, None)),
        };
        // What a message of a WebSocket has waited isn't known.
        let arrived = request.filter(|request| request.conversation.is_none());
        let waited = arrived.map(|request| request.begun.elapsed());
        self.begun(name, context, waited, request.is_some())
    }

    pub(crate) fn begun(
        self: &Arc<Self>,
        name: &Arc<CallbackName>,
        context: Arc<Context>,
        waited: Option<Duration>,
        within_request: bool,
    ) -> Callback {
        context.dashboard(&name.app_slug);
        let whole = vec![(label::CALLBACK.to_owned(), Value::Text(name.id.clone()))];
        context.bind(Identity::default(), whole);
        let trace = context.trace();
        let has_own = within_request && trace.sampled && self.spans().is_some();
        let span = if has_own { trace.child() } else { trace.clone() };
        Callback {
            runtime: Arc::clone(self),
            context,
            name: Arc::clone(name),
            span,
            waited,
            begun: Instant::now(),
            progress: Mutex::default(),
        }
    }
}

impl Callback {
    /// Says how the run ended, where it did not return.
    pub fn outcome(&self, outcome: &str) {
        self.progress().outcome = Some(outcome.to_owned());
    }

    /// Notes that the user's function raised, whatever is made of it later.
    pub fn handled(&self) {
        self.progress().raised = true;
    }

    /// Whether the user's function has raised.
    pub fn is_handled(&self) -> bool {
        self.progress().raised
    }

    /// Notes an error that was logged meanwhile.
    pub fn logged_error(&self) {
        let mut progress = self.progress();
        progress.logged_errors = progress.logged_errors.saturating_add(1);
    }

    /// Notes the bytes of the answer.
    pub fn answered(&self, bytes: u64) {
        self.progress().answered = Some(bytes);
    }

    /// Says that it keeps an event loop from everybody else for as long as it runs.
    pub fn blocks(&self) {
        self.progress().blocks = true;
    }

    /// Says what this is for a callback that runs in the background.
    pub fn phase(&self, phase: Phase) {
        self.progress().phase = Some(phase);
    }

    /// Ends it; only the first call does anything.
    pub fn finish(&self) {
        let mut progress = self.progress();
        if !std::mem::replace(&mut progress.finished, true) {
            let ended = std::mem::take(&mut *progress);
            progress.finished = true;
            drop(progress);
            self.sample(&ended);
        }
    }

    /// Measures a query that it waits for, in whose span it is one.
    pub fn query(&self, query: &Query<'_>) {
        self.runtime.query_within(query, Some((&self.context, self.caller())));
    }

    /// The headers of a call made in it: `traceparent`, and `tracestate` where there is one.
    pub fn outgoing(&self) -> (String, Option<&str>) {
        self.caller().outgoing()
    }

    /// What is known of it.
    pub fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// Counts. What only sets a run in the background up, or asks how far that is, is no run, but
    /// may be an error: then there is no run to tell of it.
    fn sample(&self, ended: &Progress) {
        let identity = self.context.identity();
        let tenant = identity.tenant_id.as_deref().unwrap_or(value::NONE);
        let labels = [self.name.app_slug.as_str(), self.name.label.as_str(), tenant];
        let returned = if ended.raised { HANDLED } else { OK };
        let outcome = ended.outcome.as_deref().unwrap_or(returned);
        let failed = outcome == ERROR || outcome == HANDLED;
        if let Some(phase) = ended.phase {
            self.runtime.count_phase(&labels, phase);
        }
        let is_run = ended.phase.is_none_or(|phase| phase == Phase::Run);
        if is_run {
            self.sample_run(&labels, ended);
        }
        if is_run || failed {
            self.count(&labels, outcome, failed);
            self.trace(outcome, failed);
        }
    }

    fn count(&self, &[app, label, tenant]: &[&str; 3], outcome: &str, failed: bool) {
        let (families, exemplar) = (self.runtime.families(), Some(self.exemplar()));
        let runs = families.callbacks.series(&[app, label, tenant, outcome]);
        runs.add_with(1.0, exemplar);
        if failed {
            families.callback_errors.series(&[app, label, tenant]).add_with(1.0, exemplar);
        }
    }

    fn sample_run(&self, labels: &[&str; 3], ended: &Progress) {
        let families = self.runtime.families();
        let took = self.begun.elapsed().as_secs_f64();
        families.callback_durations.series(labels).observe_with(took, Some(self.exemplar()));
        if let Some(waited) = self.waited {
            families.callback_waits.series(labels).observe(waited.as_secs_f64());
        }
        if let Some(bytes) = ended.answered {
            families.callback_sizes.series(labels).observe(size(bytes));
        }
        if ended.logged_errors > 0 && ended.outcome.as_deref() != Some(ERROR) {
            families.callback_logged_errors.series(labels).add(f64::from(ended.logged_errors));
        }
        if ended.blocks {
            families.callback_blocked.series(labels).add(took);
        }
    }

    fn trace(&self, outcome: &str, failed: bool) {
        let (begun, span) = (self.begun, &self.span);
        let run = Run { name: &self.name, outcome, failed, begun, span };
        self.runtime.trace_callback(&run, &self.context);
    }

    /// The span that what it calls is below. What only asks how far a run is has none.
    fn caller(&self) -> &TraceContext {
        let is_poll = self.progress().phase == Some(Phase::Poll);
        if is_poll { self.context.trace() } else { &self.span }
    }

    fn exemplar(&self) -> Exemplar {
        let trace = *self.context.trace().trace_id.as_bytes();
        Exemplar::new(trace, SystemTime::now())
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

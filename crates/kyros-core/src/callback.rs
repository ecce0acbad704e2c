//! One run of a Dash callback.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use kyros_metrics::{Exemplar, value};

use crate::context::Context;
use crate::request::Request;
use crate::runtime::Runtime;
use crate::span::Run;

/// It returned.
const OK: &str = "ok";
/// It raised, and the application's `on_error` made an answer of it.
const HANDLED: &str = "handled";
/// It raised.
const ERROR: &str = "error";

/// A run that is being measured. Its methods may be called from any thread.
pub struct Callback {
    runtime: Arc<Runtime>,
    context: Arc<Context>,
    app_slug: String,
    label: String,
    within_request: bool,
    begun: Instant,
    progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    outcome: Option<String>,
    raised: bool,
    finished: bool,
}

impl Runtime {
    /// Begins a run; it shares identity and trace with the request that triggered it.
    pub fn callback(
        self: &Arc<Self>,
        app_slug: &str,
        label: &str,
        request: Option<&Request>,
    ) -> Callback {
        let shared = request.map(|request| Arc::clone(request.context()));
        let context = shared.unwrap_or_else(|| Arc::new(self.entered(None, None)));
        context.dashboard(app_slug);
        Callback {
            runtime: Arc::clone(self),
            context,
            app_slug: app_slug.to_owned(),
            label: label.to_owned(),
            within_request: request.is_some(),
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

    /// Ends it; only the first call does anything.
    pub fn finish(&self) {
        let mut progress = self.progress();
        if std::mem::replace(&mut progress.finished, true) {
            return;
        }
        let returned = if progress.raised { HANDLED } else { OK };
        self.sample(progress.outcome.as_deref().unwrap_or(returned));
    }

    /// What is known of it.
    pub fn context(&self) -> &Arc<Context> {
        &self.context
    }

    fn sample(&self, outcome: &str) {
        let identity = self.context.identity();
        let tenant = identity.tenant_id.as_deref().unwrap_or(value::NONE);
        let (app, label) = (self.app_slug.as_str(), self.label.as_str());
        let trace = *self.context.trace().trace_id.as_bytes();
        let exemplar = Some(Exemplar::new(trace, SystemTime::now()));
        let families = self.runtime.families();
        let took = self.begun.elapsed().as_secs_f64();
        families.callback_durations.series(&[app, label, tenant]).observe_with(took, exemplar);
        families.callbacks.series(&[app, label, tenant, outcome]).add_with(1.0, exemplar);
        let failed = outcome == ERROR || outcome == HANDLED;
        if failed {
            families.callback_errors.series(&[app, label, tenant]).add_with(1.0, exemplar);
        }
        let (begun, within_request) = (self.begun, self.within_request);
        let run = Run { app_slug: app, label, outcome, failed, begun, within_request };
        self.runtime.trace_callback(&run, &self.context);
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

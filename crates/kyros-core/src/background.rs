//! Dash callbacks that run in the background: in another process, after the request that wants them
//! has been answered. What they need to know of it is carried over in Dash's own message.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kyros_metrics::value;

use crate::callback::{Callback, CallbackName};
use crate::context::Context;
use crate::identity::Identity;
use crate::runtime::Runtime;
use crate::span::Spans;

/// How long a run waits for its span to arrive before its result is given away.
const FLUSHING: Duration = Duration::from_secs(1);

/// What is done for a callback that runs in the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A request has a worker run it.
    Setup,
    /// A request asks how far that is.
    Poll,
    /// A worker runs it.
    Run,
}

/// What a run in the background is told of the request that wants it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Whose request it was.
    pub identity: Identity,
    /// The request's trace.
    pub traceparent: Option<String>,
    /// The same header's companion.
    pub tracestate: Option<String>,
    /// When it was set up, in microseconds since 1970.
    pub set_up: Option<u64>,
}

impl Runtime {
    /// Begins the run itself, in the worker.
    pub fn background(self: &Arc<Self>, name: &Arc<CallbackName>, carried: &Carried) -> Callback {
        let headers = (carried.traceparent.as_deref(), carried.tracestate.as_deref());
        let context = Arc::new(self.entered(headers.0, headers.1));
        context.bind(carried.identity.clone(), Vec::new());
        let set_up = carried.set_up.and_then(|time| now().checked_sub(Duration::from_micros(time)));
        let callback = self.begun(name, context, set_up, false);
        callback.phase(Phase::Run);
        callback
    }

    /// Counts a page of a Dash application that somebody has opened.
    pub fn page_view(&self, app_slug: &str, page: &str, context: Option<&Context>) {
        let tenant = context.and_then(|context| context.identity().tenant_id);
        let tenant = tenant.as_deref().unwrap_or(value::NONE);
        self.families().page_views.series(&[app_slug, page, tenant]).add(1.0);
    }

    pub(crate) fn count_phase(&self, &[app, label, tenant]: &[&str; 3], phase: Phase) {
        let family = &self.families().background_callbacks;
        family.series(&[app, label, tenant, phase.as_str()]).add(1.0);
    }
}

impl Callback {
    /// What a run of it in the background is to be told.
    pub fn carried(&self) -> Carried {
        let (traceparent, tracestate) = self.context.outgoing();
        Carried {
            identity: self.context.identity(),
            traceparent: Some(traceparent),
            tracestate: tracestate.map(str::to_owned),
            set_up: u64::try_from(now().as_micros()).ok(),
        }
    }

    /// Ends it and sees its span off, for its process may not live longer than this.
    pub fn finish_last(&self) {
        self.finish();
        self.runtime.spans().into_iter().for_each(|spans: &Spans| spans.flush(FLUSHING));
    }
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Poll => "poll",
            Self::Run => "run",
        }
    }
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

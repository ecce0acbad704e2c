//! What is known of the request or callback that is running.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use kyros_redact::Value;
use kyros_traces::{SpanId, TraceContext};

use crate::identity::Identity;

/// The most fields that are kept for the lines of one request.
const MOST_FIELDS: usize = 64;

/// Trace, identity and fields of a request. The callbacks that a request triggers share it, so
/// what one of them binds is the request's.
#[derive(Debug)]
pub struct Context {
    trace: TraceContext,
    foreign: OnceLock<Foreign>,
    known: Mutex<Known>,
}

/// The trace of other telemetry that measures the same request.
#[derive(Debug)]
struct Foreign {
    trace: TraceContext,
    /// Whether its span is the one of the request.
    serves: bool,
}

/// What is learnt while it runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    bound: Identity,
    found: Identity,
    asked: Identity,
    pub(crate) fields: Vec<(String, Value)>,
    pub(crate) dashboard: Option<String>,
}

impl Context {
    /// A context in this trace.
    pub(crate) fn new(trace: TraceContext) -> Self {
        Self { trace, foreign: OnceLock::new(), known: Mutex::default() }
    }

    /// Goes over to the trace and span that other telemetry has for the request, where these
    /// headers are valid; the first one stays. If that `serves`, its span is the request's, and
    /// none is made here.
    pub fn adopt(&self, traceparent: &str, tracestate: Option<&str>, serves: bool) -> bool {
        let trace = TraceContext::of_span(traceparent, tracestate);
        trace.is_some_and(|trace| self.foreign.set(Foreign { trace, serves }).is_ok())
    }

    /// Whether it went over to other telemetry's trace.
    pub fn is_adopted(&self) -> bool {
        self.foreign.get().is_some()
    }

    /// Whether the request's span is somebody else's.
    pub fn is_served(&self) -> bool {
        self.foreign.get().is_some_and(|foreign| foreign.serves)
    }

    /// The caller's span, where it has told one.
    pub fn caller(&self) -> Option<SpanId> {
        self.trace.parent
    }

    /// The context of what goes on inside of this one for somebody known by now: what is bound there
    /// is no news for the rest.
    pub(crate) fn inner(&self) -> Self {
        let known = Known { fields: Vec::new(), ..self.known() };
        Self { known: Mutex::new(known), ..Self::new(self.trace().clone()) }
    }

    /// Takes over an identity and fields that the application states; a later call replaces what
    /// it names.
    pub fn bind(&self, identity: Identity, fields: Vec<(String, Value)>) {
        let mut known = self.lock();
        known.bound.overwrite(identity);
        for (name, value) in fields {
            known.keep(name, value);
        }
    }

    /// Takes over an identity that was found where authentication leaves it; what is bound stays.
    pub fn identify(&self, found: Identity) {
        self.lock().found.overwrite(found);
    }

    /// Takes over an identity that was asked for, in the place of an earlier answer. It counts
    /// where nothing was found: two people are never mixed.
    pub fn fall_back(&self, asked: Identity) {
        let mut answer = Identity::default();
        answer.overwrite(asked);
        self.lock().asked = answer;
    }

    /// Names the dashboard; the first name stays.
    pub fn dashboard(&self, slug: &str) {
        self.lock().dashboard.get_or_insert_with(|| slug.to_owned());
    }

    /// The trace.
    pub fn trace(&self) -> &TraceContext {
        self.foreign.get().map_or(&self.trace, |foreign| &foreign.trace)
    }

    /// The headers of a call made in it: `traceparent`, and `tracestate` where there is one.
    pub fn outgoing(&self) -> (String, Option<&str>) {
        self.trace().outgoing()
    }

    /// Whose it is, as far as is known now.
    pub fn identity(&self) -> Identity {
        self.lock().identity()
    }

    pub(crate) fn known(&self) -> Known {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    pub(crate) fn identity(&self) -> Identity {
        let nothing_found = self.found == Identity::default();
        self.bound.or(if nothing_found { &self.asked } else { &self.found })
    }

    fn keep(&mut self, name: String, value: Value) {
        if let Some(kept) = self.fields.iter_mut().find(|(known, _)| *known == name) {
            kept.1 = value;
        } else if self.fields.len() < MOST_FIELDS {
            self.fields.push((name, value));
        }
    }
}

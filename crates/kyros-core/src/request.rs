//! One HTTP request, from its arrival to its last body byte.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use kyros_logs::{Http, Level};
use kyros_metrics::{Exemplar, Family, value};
use kyros_schema::names::label;

use crate::context::Context;
use crate::endpoint::Endpoint;
use crate::line::{ACCESS, Entry};
use crate::progress::{Ending, Progress, is_bodiless};
use crate::runtime::Runtime;
use crate::websocket::Conversation;

/// The method label of one that is not standard.
const OTHER_METHOD: &str = "_OTHER";
const HEAD: &str = "HEAD";

/// A request that is being measured, which may be one for a WebSocket. Its methods may be called
/// from any thread.
pub struct Request {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) context: Arc<Context>,
    method: String,
    pub(crate) begun: Instant,
    excluded: AtomicBool,
    progress: Mutex<Progress>,
    /// What follows where the request is for a WebSocket.
    pub(crate) conversation: Option<Conversation>,
}

/// What a request was, once it has ended.
pub(crate) struct Outcome<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) method: &'a str,
    pub(crate) status: u16,
    pub(crate) bytes: u64,
    pub(crate) received: u64,
    pub(crate) latency: Duration,
    pub(crate) first_byte: Option<Duration>,
    pub(crate) background: Option<Duration>,
    /// What kept the whole answer from being sent, where something did.
    pub(crate) cut_short: Option<&'static str>,
}

impl Runtime {
    /// Begins a request whose trace continues the caller's, where its W3C headers are valid.
    pub fn request(
        self: &Arc<Self>,
        method: &str,
        traceparent: Option<&str>,
        tracestate: Option<&str>,
    ) -> Request {
        Request {
            runtime: Arc::clone(self),
            context: Arc::new(self.entered(traceparent, tracestate)),
            method: method.to_owned(),
            begun: Instant::now(),
            excluded: AtomicBool::new(false),
            progress: Mutex::default(),
            conversation: None,
        }
    }
}

impl Request {
    /// Says at which path it arrived, which matters where the settings exclude some.
    pub fn arrived(&self, path: &str) {
        self.excluded.store(self.runtime.settings().excludes(path), Ordering::Relaxed);
    }

    /// Names the template of its route, which then needs no finding out.
    pub fn route(&self, template: &str) {
        self.progress().route = Some(template.to_owned());
    }

    /// Notes the status that is to be sent; a later one replaces it.
    pub fn status(&self, code: u16) {
        self.progress().status = Some(code);
    }

    /// Notes the status that is sent with this. Only the first final one can be.
    pub fn started(&self, code: u16) {
        let mut progress = self.progress();
        if !progress.disconnected && progress.status.is_none_or(|sent| sent < 200) {
            progress.status = Some(code);
        }
    }

    /// Forgets a status that has not been sent, since no body byte has.
    pub fn unsent(&self) {
        let mut progress = self.progress();
        if progress.bytes == 0 {
            progress.status = None;
        }
    }

    /// Counts body bytes; `last` says that no more will come, which ends the time.
    pub fn sent(&self, bytes: u64, last: bool) {
        self.progress().sent(bytes, last);
    }

    /// Counts body bytes that the application has read.
    pub fn received(&self, bytes: u64) {
        let mut progress = self.progress();
        progress.received = progress.received.saturating_add(bytes);
    }

    /// Takes back the body bytes that were counted last, or the status where those are none: the
    /// server couldn't send them.
    pub fn refused(&self, bytes: Option<u64>) {
        self.progress().refused(bytes);
    }

    /// Notes that the client is gone; that matters where it has not got the whole answer.
    pub fn disconnected(&self) {
        let mut progress = self.progress();
        progress.disconnected |= progress.ended.is_none();
    }

    /// Notes how the application was left.
    pub fn left(&self, ending: Ending) {
        self.progress().ending = ending;
    }

    /// Ends it: samples, access line and, where the status is one, a security event. Only the
    /// first call does anything. `resolve` finds the endpoint out where no route was named. One
    /// that is excluded ends without any of them.
    pub fn finish(&self, resolve: impl FnOnce() -> Endpoint) {
        let Some(mut progress) = self.take() else { return };
        let left = Instant::now();
        let route = progress.route.take();
        let resolve = || route.map_or_else(resolve, Endpoint::Template);
        if let Some(conversation) = &self.conversation {
            return conversation.finish(self, &progress, resolve);
        }
        let endpoint = resolve();
        let is_head = self.method == HEAD;
        let (status, outcome) = progress.verdict(is_head);
        let ended = Outcome {
            endpoint: &endpoint.label(),
            method: self.runtime.method_label(&self.method),
            status,
            bytes: if is_bodiless(is_head, status) { 0 } else { progress.bytes },
            received: progress.received,
            latency: progress.ended.unwrap_or(left) - self.begun,
            first_byte: progress.first.map(|first| first - self.begun),
            background: progress.background(left),
            cut_short: outcome,
        };
        if self.is_excluded(ended.endpoint) {
            return;
        }
        self.runtime.end_request(&ended, &self.context);
        self.runtime.trace_request(&ended, self.begun, &self.context);
    }

    /// What is known of it.
    pub fn context(&self) -> &Arc<Context> {
        &self.context
    }

    pub(crate) fn is_excluded(&self, endpoint: &str) -> bool {
        self.excluded.load(Ordering::Relaxed) || self.runtime.settings().excludes(endpoint)
    }

    /// What is left of it, once.
    fn take(&self) -> Option<Progress> {
        let mut progress = self.progress();
        if progress.finished {
            return None;
        }
        Some(std::mem::replace(&mut progress, Progress { finished: true, ..Progress::default() }))
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Runtime {
    fn end_request(&self, ended: &Outcome<'_>, context: &Context) {
        self.sample_request(ended, context);
        let http = Http {
            route: ended.endpoint,
            method: ended.method,
            status: ended.status,
            latency: ended.latency,
            bytes: ended.bytes,
        };
        if let Some(fields) = self.line_fields(ended, context) {
            let line =
                Entry { fields, outcome: ended.cut_short, ..Entry::new(Level::Info, ACCESS) };
            self.write(Entry { http: Some(http), ..line }, Some(context));
        }
        self.note_refusal(ended.status, context);
    }

    fn sample_request(&self, ended: &Outcome<'_>, context: &Context) {
        let Outcome { endpoint, method, status, latency, .. } = *ended;
        let identity = context.identity();
        let (service, code) = (self.settings().service(), status.to_string());
        let tenant = identity.tenant_id.as_deref().unwrap_or(value::NONE);
        let exemplar = Exemplar::new(*context.trace().trace_id.as_bytes(), SystemTime::now());
        let families = self.families();
        let requests = families.requests.series(&[service, endpoint, method, &code, tenant]);
        requests.add_with(1.0, Some(exemplar));
        let durations = families.durations.series(&[service, endpoint, method, tenant]);
        durations.observe_with(latency.as_secs_f64(), Some(exemplar));
        if let Some(outcome) = ended.cut_short {
            families.aborted.series(&[service, endpoint, method, outcome, tenant]).add(1.0);
        }
        self.sample_body(ended, &[service, endpoint, tenant]);
    }

    /// What bodies weigh, and how long they take on their way.
    fn sample_body(&self, ended: &Outcome<'_>, labels: &[&str; 3]) {
        let families = self.families();
        let observe = |family: &Family, value: f64| family.series(labels).observe(value);
        observe(&families.sizes, size(ended.bytes));
        if ended.received > 0 {
            observe(&families.request_sizes, size(ended.received));
        }
        if let Some(time) = ended.first_byte {
            observe(&families.first_bytes, time.as_secs_f64());
        }
        if let Some(time) = ended.background {
            observe(&families.background, time.as_secs_f64());
        }
    }

    fn method_label<'a>(&self, method: &'a str) -> &'a str {
        let row = self.settings().schema().labels.get(label::METHOD);
        let standard = row.is_some_and(|row| row.values.iter().any(|known| known == method));
        if standard { method } else { OTHER_METHOD }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a body stays far below 2^53 bytes")]
pub(crate) fn size(bytes: u64) -> f64 {
    bytes as f64
}

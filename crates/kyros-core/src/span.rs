//! Spans: what a request or a callback was, handed to the exporter where there is one.

mod attributes;
mod counts;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use kyros_logs::Level;
use kyros_redact::{Findings, Redactor};
use kyros_traces::{Attribute, Exporter, Kind, Options, Span, Status, TraceContext, Value};
use tracing::Dispatch;

use crate::callback::CallbackName;
use crate::context::Context;
use crate::families::Families;
use crate::line::Entry;
use crate::per_process::PerProcess;
use crate::query::Query;
use crate::request::{Outcome, Request};
use crate::runtime::Runtime;
use crate::websocket::GET;
use attributes::{
    dialogue_attributes, error_type, named, query_attributes, request_attributes, request_name,
    route, run_attributes, tenant,
};
use counts::observer;

/// The exporter, and what the log says of it already.
pub(crate) struct Spans {
    exporter: Arc<Exporter>,
    told: PerProcess<Told>,
}

#[derive(Default)]
struct Told(Mutex<Option<String>>);

/// A WebSocket that was closed, or refused.
pub(crate) struct Dialogue<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) status: u16,
    /// How it was closed, where it was open.
    pub(crate) code: Option<u16>,
    /// Whether the service is to blame: a client may state any code.
    pub(crate) failed: bool,
    pub(crate) latency: Duration,
}

/// A run of a Dash callback that has ended.
pub(crate) struct Run<'a> {
    pub(crate) name: &'a CallbackName,
    pub(crate) outcome: &'a str,
    pub(crate) failed: bool,
    pub(crate) begun: Instant,
    /// Its own.
    pub(crate) span: &'a TraceContext,
}

impl Runtime {
    /// The context of a request with these headers, as the sampler decides on it.
    pub(crate) fn entered(&self, traceparent: Option<&str>, tracestate: Option<&str>) -> Context {
        let trace = TraceContext::continued(traceparent, tracestate);
        Context::new(match self.spans() {
            Some(spans) => spans.exporter.sample(trace),
            None => trace,
        })
    }

    /// Exports the span of a request, unless other telemetry has made it.
    pub(crate) fn trace_request(&self, ended: &Outcome<'_>, begun: Instant, context: &Context) {
        let is_ours = context.trace().sampled && !context.is_served();
        let Some(spans) = self.spans().filter(|_| is_ours) else { return };
        spans.exporter.export(Span {
            context: context.trace().clone(),
            name: request_name(ended),
            kind: Kind::Server,
            start: wall_clock(begun),
            duration: ended.latency,
            status: failure(error_type(ended).is_some()),
            attributes: request_attributes(ended, context),
        });
    }

    /// Exports the span of a WebSocket, from its handshake to its close.
    pub(crate) fn trace_socket(&self, ended: &Dialogue<'_>, begun: Instant, context: &Context) {
        let is_ours = context.trace().sampled && !context.is_served();
        let Some(spans) = self.spans().filter(|_| is_ours) else { return };
        spans.exporter.export(Span {
            context: context.trace().clone(),
            name: named(GET, route(ended.endpoint)),
            kind: Kind::Server,
            start: wall_clock(begun),
            duration: ended.latency,
            status: failure(ended.failed),
            attributes: dialogue_attributes(ended, context),
        });
    }

    /// Exports the span of a callback.
    pub(crate) fn trace_callback(&self, run: &Run<'_>, context: &Context) {
        let Some(spans) = self.spans().filter(|_| context.trace().sampled) else { return };
        spans.exporter.export(Span {
            context: run.span.clone(),
            name: run.name.label.clone().into(),
            kind: Kind::Internal,
            start: wall_clock(run.begun),
            duration: run.begun.elapsed(),
            status: failure(run.failed),
            attributes: run_attributes(run, context),
        });
    }

    /// Exports the span of a query that took this long until now.
    pub(crate) fn trace_query(
        &self,
        query: &Query<'_>,
        operation: &'static str,
        took: Duration,
        context: &Context,
        caller: &TraceContext,
    ) {
        let Some(spans) = self.spans().filter(|_| caller.sampled) else { return };
        let now = SystemTime::now();
        spans.exporter.export(Span {
            context: caller.child(),
            name: operation.into(),
            kind: Kind::Client,
            start: now.checked_sub(took).unwrap_or(now),
            duration: took,
            status: failure(query.failed),
            attributes: query_attributes(query, operation, context),
        });
    }

    /// Brings the counts of spans up to date, and logs what keeps them from the receiver, once for
    /// each change.
    pub(crate) fn state_spans(&self) {
        let Some(spans) = self.spans() else { return };
        spans.exporter.publish();
        if let Some((level, message)) = spans.news() {
            self.write(Entry::log(level, env!("CARGO_PKG_NAME"), &message), None);
        }
    }
}

impl Request {
    /// What the span that other telemetry makes of it is to say besides, redacted: whose it is.
    pub fn stated(&self) -> Vec<(&'static str, String)> {
        let redactor = self.runtime.redactor();
        let clean = |text: &str| redactor.text(text, &mut Findings::default()).into_owned();
        let texts = tenant(&self.context).filter_map(|Attribute { name, value }| match value {
            Value::Text(text) => Some((name, clean(&text))),
            _ => None,
        });
        texts.collect()
    }
}

impl Spans {
    pub(crate) fn new(options: &Options, redactor: &Redactor, families: &Families) -> Self {
        let observer = observer(families);
        let exporter = Exporter::new(options.clone(), redactor.clone(), Some(observer));
        Self { exporter: Arc::new(exporter), told: PerProcess::default() }
    }

    /// What measures the audit writer.
    pub(crate) fn measure(&self) -> Dispatch {
        kyros_traces::dispatch(Arc::clone(&self.exporter))
    }

    pub(crate) fn after_fork(&self) {
        self.exporter.after_fork();
        self.told.after_fork();
    }

    /// Sends what waits, for at most that time.
    pub(crate) fn flush(&self, deadline: Duration) {
        self.exporter.flush(deadline);
    }

    /// Sends what waits without waiting for it.
    pub(crate) fn hurry(&self) {
        self.exporter.flush(Duration::ZERO);
    }

    pub(crate) fn close(&self, deadline: Duration) {
        self.exporter.close(deadline);
    }

    fn news(&self) -> Option<(Level, String)> {
        let mut known = self.told.get().0.lock().unwrap_or_else(PoisonError::into_inner);
        let problem = self.exporter.problem();
        if *known == problem {
            return None;
        }
        known.clone_from(&problem);
        Some(match problem {
            Some(problem) => (Level::Warn, format!("spans are not exported: {problem}")),
            None => (Level::Info, "spans are exported again".to_owned()),
        })
    }
}

fn failure(failed: bool) -> Status {
    if failed { Status::Error(Cow::Borrowed("")) } else { Status::Unset }
}

fn wall_clock(begun: Instant) -> SystemTime {
    let now = SystemTime::now();
    now.checked_sub(begun.elapsed()).unwrap_or(now)
}

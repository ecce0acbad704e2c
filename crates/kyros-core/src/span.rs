//! Spans: what a request or a callback was, handed to the exporter where there is one.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use kyros_logs::Level;
use kyros_metrics::Family;
use kyros_redact::{Findings, Redactor};
use kyros_traces::{
    Attribute, Exporter, Kind, Observer, Options, Span, Stats, Status, TraceContext, Value,
    attribute,
};
use tracing::Dispatch;

use crate::callback::CallbackName;
use crate::context::Context;
use crate::families::Families;
use crate::line::Entry;
use crate::per_process::PerProcess;
use crate::progress::ABORTED;
use crate::query::Query;
use crate::request::{Outcome, Request};
use crate::runtime::Runtime;
use crate::websocket::{GET, INTERNAL_ERROR, WEBSOCKET};

/// What a method that is not standard is called in the name of a span.
const ANY_METHOD: &str = "HTTP";
const OTHER_METHOD: &str = "_OTHER";

/// Why spans were dropped.
const QUEUE_FULL: &str = "queue_full";
const EXPORT_FAILED: &str = "export_failed";
const REJECTED: &str = "rejected";
const CLOSED: &str = "closed";

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
            status: failure(dialogue_error(ended).is_some()),
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

fn request_name(ended: &Outcome<'_>) -> Cow<'static, str> {
    let method = if ended.method == OTHER_METHOD { ANY_METHOD } else { ended.method };
    named(method, route(ended.endpoint))
}

fn named(method: &str, route: Option<&str>) -> Cow<'static, str> {
    match route {
        Some(route) => format!("{method} {route}").into(),
        None => method.to_owned().into(),
    }
}

/// What the error was, where the service is to blame. A client that is gone, and a request that was
/// given up, which is mostly for that reason, are no failures of a server.
fn error_type(ended: &Outcome<'_>) -> Option<Cow<'static, str>> {
    match ended.cut_short {
        _ if ended.status >= 500 => Some(ended.status.to_string().into()),
        Some(ABORTED) => Some(ABORTED.into()),
        _ => None,
    }
}

fn dialogue_error(ended: &Dialogue<'_>) -> Option<Cow<'static, str>> {
    let code = ended.code.filter(|code| *code == INTERNAL_ERROR);
    code.or(Some(ended.status).filter(|status| *status >= 500)).map(|code| code.to_string().into())
}

fn request_attributes(ended: &Outcome<'_>, context: &Context) -> Vec<Attribute> {
    let bytes = i64::try_from(ended.bytes).unwrap_or(i64::MAX);
    let mut attributes = Vec::with_capacity(8);
    attributes.extend([
        Attribute::text(attribute::HTTP_REQUEST_METHOD, ended.method.to_owned()),
        Attribute::integer(attribute::HTTP_RESPONSE_STATUS_CODE, i64::from(ended.status)),
        Attribute::integer(attribute::HTTP_RESPONSE_BODY_SIZE, bytes),
    ]);
    attributes.extend(route_attribute(ended.endpoint));
    attributes.extend(error_type(ended).map(|it| Attribute::text(attribute::ERROR_TYPE, it)));
    attributes.extend(ended.cut_short.map(|it| Attribute::text(attribute::OUTCOME, it)));
    attributes.extend(tenant(context));
    attributes
}

fn dialogue_attributes(ended: &Dialogue<'_>, context: &Context) -> Vec<Attribute> {
    let mut attributes = Vec::with_capacity(8);
    attributes.extend([
        Attribute::text(attribute::HTTP_REQUEST_METHOD, GET),
        Attribute::text(attribute::NETWORK_PROTOCOL_NAME, WEBSOCKET),
        Attribute::integer(attribute::HTTP_RESPONSE_STATUS_CODE, i64::from(ended.status)),
    ]);
    let code = ended.code.map(|code| Attribute::integer(attribute::CLOSE_CODE, i64::from(code)));
    attributes.extend(route_attribute(ended.endpoint));
    attributes.extend(dialogue_error(ended).map(|it| Attribute::text(attribute::ERROR_TYPE, it)));
    attributes.extend(code);
    attributes.extend(tenant(context));
    attributes
}

fn route_attribute(endpoint: &str) -> Option<Attribute> {
    route(endpoint).map(|route| Attribute::text(attribute::HTTP_ROUTE, route.to_owned()))
}

fn run_attributes(run: &Run<'_>, context: &Context) -> Vec<Attribute> {
    let mut attributes = Vec::with_capacity(7);
    attributes.extend([
        Attribute::text(attribute::APP_SLUG, run.name.app_slug.clone()),
        Attribute::text(attribute::CALLBACK, run.name.label.clone()),
        Attribute::text(attribute::CALLBACK_ID, run.name.id.clone()),
        Attribute::text(attribute::CODE_FUNCTION_NAME, run.name.function.clone()),
        Attribute::text(attribute::OUTCOME, run.outcome.to_owned()),
    ]);
    attributes.extend(tenant(context));
    attributes
}

fn query_attributes(
    query: &Query<'_>,
    operation: &'static str,
    context: &Context,
) -> Vec<Attribute> {
    let mut attributes = Vec::with_capacity(4);
    attributes.extend([
        Attribute::text(attribute::DB_SYSTEM_NAME, system_name(query.system).to_owned()),
        Attribute::text(attribute::DB_OPERATION_NAME, operation),
    ]);
    attributes.extend(tenant(context));
    attributes
}

/// A dialect of `SQLAlchemy` as the semantic conventions call its database.
fn system_name(dialect: &str) -> &str {
    match dialect {
        "mssql" => "microsoft.sql_server",
        "oracle" => "oracle.db",
        name => name,
    }
}

/// The tenant, where the identity is known.
fn tenant(context: &Context) -> impl Iterator<Item = Attribute> + use<> {
    let identity = context.identity();
    let id = identity.tenant_id.map(|id| Attribute::text(attribute::TENANT_ID, id));
    let slug = identity.tenant_slug.map(|slug| Attribute::text(attribute::TENANT_SLUG, slug));
    id.into_iter().chain(slug)
}

/// The route's template; what stands for one that isn't known is none.
fn route(endpoint: &str) -> Option<&str> {
    Some(endpoint).filter(|endpoint| endpoint.starts_with('/'))
}

fn failure(failed: bool) -> Status {
    if failed { Status::Error(Cow::Borrowed("")) } else { Status::Unset }
}

fn wall_clock(begun: Instant) -> SystemTime {
    let now = SystemTime::now();
    now.checked_sub(begun.elapsed()).unwrap_or(now)
}

/// What brings the exporter's numbers into their metrics, in each process that counts them.
fn observer(families: &Families) -> Observer {
    let (exported, dropped) = (families.spans_exported.clone(), families.spans_dropped.clone());
    let losses: [(&str, Count); 4] = [
        (QUEUE_FULL, |stats| stats.dropped),
        (EXPORT_FAILED, |stats| stats.failed),
        (REJECTED, |stats| stats.rejected),
        (CLOSED, |stats| stats.abandoned),
    ];
    Observer::new(move |before, now| {
        raise(&exported, &[], now.exported - before.exported);
        for (reason, count) in &losses {
            raise(&dropped, &[reason], count(now) - count(before));
        }
    })
}

/// One of the counts.
type Count = fn(&Stats) -> u64;

fn raise(family: &Family, labels: &[&str], more: u64) {
    if more > 0 {
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
        family.series(labels).add(more as f64);
    }
}

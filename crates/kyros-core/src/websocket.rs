//! A WebSocket: a request whose answer is a conversation.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kyros_logs::{Http, Level};
use kyros_metrics::{Series, value};
use kyros_redact::Value;
use kyros_schema::names::field;

use crate::context::Context;
use crate::endpoint::Endpoint;
use crate::line::Entry;
use crate::progress::{Ending, Progress};
use crate::request::{Request, size};
use crate::runtime::Runtime;
use crate::span::Dialogue;

/// The event of the line that is written for each.
pub(crate) const WEBSOCKET: &str = "websocket";
/// The method of the request for one.
pub(crate) const GET: &str = "GET";

const RECEIVED: &str = "received";
const SENT: &str = "sent";

/// The status of a handshake that is accepted, and of one that is closed instead.
const SWITCHING: u16 = 101;
const REFUSED: u16 = 403;

/// What a close means that nobody has stated: the connection just ended, or an error ended it.
const ABNORMAL: u16 = 1006;
const INTERNAL_ERROR: u16 = 1011;
/// The codes that RFC 6455 and its registry define. A client may state any other.
const DEFINED: std::ops::RangeInclusive<u16> = 1000..=1015;

/// Which way a message goes, seen from the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client.
    Received,
    /// To the client.
    Sent,
}

/// Who closes a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The application.
    Application,
    /// The client, or the server that has lost it.
    Client,
}

/// What has been said so far.
#[derive(Default)]
pub(crate) struct Conversation(Mutex<State>);

#[derive(Default)]
struct State {
    open: Option<Open>,
    close: Option<Close>,
}

/// Where a conversation counts, from its handshake on.
#[derive(Clone)]
struct Open {
    endpoint: String,
    tenant: String,
    connections: Series,
    received: Way,
    sent: Way,
}

#[derive(Clone)]
struct Way {
    messages: Series,
    bytes: Series,
}

#[derive(Clone, Copy)]
struct Close {
    code: u16,
    by: Side,
    at: Instant,
}

impl Runtime {
    /// Begins a WebSocket, as [`Runtime::request`] does a request.
    pub fn websocket(
        self: &Arc<Self>,
        traceparent: Option<&str>,
        tracestate: Option<&str>,
    ) -> Request {
        let mut request = self.request(GET, traceparent, tracestate);
        request.conversation = Some(Conversation::default());
        request
    }
}

impl Request {
    /// Notes that a WebSocket is accepted, which opens it. `resolve` finds the endpoint out; what
    /// the context knows of the tenant by now is whose connection it is.
    pub fn accepted(&self, resolve: impl FnOnce() -> Endpoint) {
        let Some(conversation) = &self.conversation else { return };
        let endpoint = resolve();
        if self.is_excluded(&endpoint.label()) {
            return;
        }
        let open = self.runtime.open(&endpoint.label(), &self.context);
        let mut state = conversation.state();
        if state.open.is_none() && state.close.is_none() {
            open.connections.add(1.0);
            state.open = Some(open);
        }
    }

    /// Counts a message of a WebSocket that is open.
    pub fn message(&self, direction: Direction, bytes: u64) {
        let open = self.conversation.as_ref().and_then(|it| it.state().open.clone());
        let Some(open) = open else { return };
        let way = match direction {
            Direction::Received => {
                self.received(bytes);
                open.received
            }
            Direction::Sent => {
                self.sent(bytes, false);
                open.sent
            }
        };
        way.messages.add(1.0);
        way.bytes.add(size(bytes));
    }

    /// Notes that a WebSocket is closed, or refused where it was not accepted. The first one counts.
    pub fn closed(&self, code: u16, by: Side) {
        let Some(conversation) = &self.conversation else { return };
        let at = Instant::now();
        conversation.state().close.get_or_insert(Close { code, by, at });
    }
}

impl Conversation {
    /// Ends it: samples and a line.
    pub(crate) fn finish(
        &self,
        request: &Request,
        progress: &Progress,
        resolve: impl FnOnce() -> Endpoint,
    ) {
        let (open, close) = {
            let mut state = self.state();
            (state.open.take(), state.close)
        };
        let (runtime, context) = (&request.runtime, &request.context);
        let latency = close.map_or_else(Instant::now, |close| close.at) - request.begun;
        if let Some(open) = open {
            let code = runtime.end_open(&open, close, progress, latency, context);
            let failed = code == INTERNAL_ERROR && !is_by_client(close);
            let (endpoint, code) = (open.endpoint.as_str(), Some(code));
            let ended = Dialogue { endpoint, status: SWITCHING, code, failed, latency };
            return runtime.trace_socket(&ended, request.begun, context);
        }
        let endpoint = resolve().label().into_owned();
        if !request.is_excluded(&endpoint) {
            let status = runtime.end_refused(&endpoint, close, progress, latency, context);
            let (endpoint, failed) = (endpoint.as_str(), status >= 500);
            let ended = Dialogue { endpoint, status, code: None, failed, latency };
            runtime.trace_socket(&ended, request.begun, context);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Runtime {
    fn open(&self, endpoint: &str, context: &Context) -> Open {
        let (families, service) = (self.families(), self.settings().service());
        let tenant = context.identity().tenant_id.unwrap_or_else(|| value::NONE.to_owned());
        let way = |direction| Way {
            messages: families.socket_messages.series(&[service, endpoint, direction, &tenant]),
            bytes: families.socket_bytes.series(&[service, endpoint, direction, &tenant]),
        };
        Open {
            connections: families.sockets.series(&[service, endpoint, &tenant]),
            received: way(RECEIVED),
            sent: way(SENT),
            endpoint: endpoint.to_owned(),
            tenant,
        }
    }

    /// What one comes to that was open; the code it was closed with.
    fn end_open(
        &self,
        open: &Open,
        close: Option<Close>,
        progress: &Progress,
        latency: Duration,
        context: &Context,
    ) -> u16 {
        let (families, service) = (self.families(), self.settings().service());
        let (endpoint, tenant) = (open.endpoint.as_str(), open.tenant.as_str());
        let raised = progress.ending == Ending::Raised;
        let code = close.map_or(if raised { INTERNAL_ERROR } else { ABNORMAL }, |it| it.code);
        open.connections.take_back(1.0);
        let durations = families.socket_durations.series(&[service, endpoint, tenant]);
        durations.observe(latency.as_secs_f64());
        let label = close_label(code, close);
        families.socket_closes.series(&[service, endpoint, &label, tenant]).add(1.0);
        let fields = vec![
            (field::RECEIVED_BYTES.to_owned(), integer(progress.received)),
            (field::CLOSE_CODE.to_owned(), integer(code.into())),
        ];
        self.write_socket(&http(endpoint, SWITCHING, latency, progress.bytes), fields, context);
        code
    }

    /// What one comes to that never was; the status that it was answered with.
    fn end_refused(
        &self,
        endpoint: &str,
        close: Option<Close>,
        progress: &Progress,
        latency: Duration,
        context: &Context,
    ) -> u16 {
        let by_application = close.is_some_and(|close| close.by == Side::Application);
        let status = if by_application { REFUSED } else { progress.verdict(false).0 };
        let (service, code) = (self.settings().service(), status.to_string());
        let identity = context.identity();
        let tenant = identity.tenant_id.as_deref().unwrap_or(value::NONE);
        let closes = &self.families().socket_closes;
        closes.series(&[service, endpoint, &code, tenant]).add(1.0);
        let http = http(endpoint, status, latency, progress.bytes);
        self.write_socket(&http, Vec::new(), context);
        self.note_refusal(status, context);
        status
    }

    fn write_socket(&self, http: &Http<'_>, fields: Vec<(String, Value)>, context: &Context) {
        let line = Entry::new(Level::Info, WEBSOCKET);
        self.write(Entry { http: Some(*http), fields, ..line }, Some(context));
    }
}

fn http(route: &str, status: u16, latency: Duration, bytes: u64) -> Http<'_> {
    Http { route, method: GET, status, latency, bytes }
}

/// The code as a label: what a client has thought up is none.
fn close_label(code: u16, close: Option<Close>) -> String {
    if is_by_client(close) && !DEFINED.contains(&code) {
        value::OTHER.to_owned()
    } else {
        code.to_string()
    }
}

fn is_by_client(close: Option<Close>) -> bool {
    close.is_some_and(|close| close.by == Side::Client)
}

fn integer(value: u64) -> Value {
    Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

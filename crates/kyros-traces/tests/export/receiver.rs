//! What a receiver of a test gets, and how it answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;

use crate::{grpc, http};

/// How a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Take,
    /// So many of it, of one batch.
    TakeBut(i64),
    /// Not now: the client may try again.
    Unavailable,
    /// Never: the client must not try again.
    Refuse,
    /// Nothing is said before the receiver answers otherwise.
    Silence,
}

/// One request that was taken.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: ExportTraceServiceRequest,
}

/// What both kinds of receivers work with.
pub(crate) struct Inbox {
    answer: Mutex<Answer>,
    changed: Condvar,
    taken: Mutex<Vec<Taken>>,
    asked: Mutex<usize>,
}

/// A running receiver.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    pub(crate) protocol: &'static str,
    pub(crate) inbox: Arc<Inbox>,
}

/// Who a receiver is for those who want to know: certificate and key in PEM.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

pub(crate) const PROTOCOLS: [&str; 2] = ["http/protobuf", "grpc"];

impl Receiver {
    pub(crate) fn start(protocol: &'static str) -> Self {
        Self::with(0, protocol, None)
    }

    pub(crate) fn at(port: u16, protocol: &'static str) -> Self {
        Self::with(port, protocol, None)
    }

    /// One that speaks TLS, as `localhost`.
    pub(crate) fn secure(protocol: &'static str, identity: Identity) -> Self {
        Self::with(0, protocol, Some(identity))
    }

    fn with(port: u16, protocol: &'static str, identity: Option<Identity>) -> Self {
        let inbox = Arc::new(Inbox {
            answer: Mutex::new(Answer::Take),
            changed: Condvar::new(),
            taken: Mutex::default(),
            asked: Mutex::default(),
        });
        let serve = if protocol == "grpc" { grpc::serve } else { http::serve };
        Self { port: serve(port, identity, Arc::clone(&inbox)), protocol, inbox }
    }

    pub(crate) fn answer(&self, answer: Answer) {
        *self.inbox.answer.lock().unwrap() = answer;
        self.inbox.changed.notify_all();
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.inbox.taken.lock().unwrap().clone()
    }

    /// Waits until somebody has asked for something so often.
    pub(crate) fn wait_asked(&self, times: usize) {
        let asked = self.inbox.asked.lock().unwrap();
        let patience = Duration::from_secs(30);
        let waited = self.inbox.changed.wait_timeout_while(asked, patience, |n| *n < times);
        assert!(!waited.unwrap().1.timed_out(), "nobody asks");
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let requests = self.taken().into_iter().flat_map(|taken| taken.body.resource_spans);
        requests.flat_map(|one| one.scope_spans).flat_map(|one| one.spans).collect()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.spans().into_iter().map(|span| span.name).collect()
    }
}

impl Inbox {
    /// Says how to answer, and keeps what is taken.
    pub(crate) fn receive(&self, taken: Taken) -> Answer {
        *self.asked.lock().unwrap() += 1;
        self.changed.notify_all();
        let answer = self.answer.lock().unwrap();
        let patience = Duration::from_secs(30);
        let silent = |answer: &mut Answer| *answer == Answer::Silence;
        let answer = *self.changed.wait_timeout_while(answer, patience, silent).unwrap().0;
        if matches!(answer, Answer::Take | Answer::TakeBut(_)) {
            self.taken.lock().unwrap().push(taken);
        }
        answer
    }
}

/// What is answered where some spans are not kept.
pub(crate) fn but(rejected_spans: i64) -> ExportTraceServiceResponse {
    let error_message = "too old: token=hunter2hunter2".to_owned();
    let partial_success = Some(ExportTracePartialSuccess { rejected_spans, error_message });
    ExportTraceServiceResponse { partial_success }
}

/// Attributes as text.
pub(crate) fn attributes(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |one: &KeyValue| match one.value.as_ref().and_then(|any| any.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        Some(any_value::Value::DoubleValue(number)) => number.to_string(),
        Some(any_value::Value::BoolValue(flag)) => flag.to_string(),
        other => panic!("{other:?}"),
    };
    attributes.iter().map(|one| (one.key.clone(), text(one))).collect()
}

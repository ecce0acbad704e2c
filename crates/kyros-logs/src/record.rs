//! What is to be said in a line, as the caller has it.

use std::time::Duration;

use kyros_redact::Value;

use crate::level::Level;

/// A line before it is encoded. Nothing in it has to be clean.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// How much it matters.
    pub level: Level,
    /// `access`, `log`, or the name of an event.
    pub event: &'a str,
    /// A sentence for people.
    pub message: Option<&'a str>,
    /// The request, in the line that says it was answered.
    pub http: Option<Http<'a>>,
    /// Who it is about.
    pub identity: Identity<'a>,
    /// The dashboard it is about.
    pub dashboard_slug: Option<&'a str>,
    /// The trace, 32 hex digits.
    pub trace_id: Option<&'a str>,
    /// The span, 16 hex digits.
    pub span_id: Option<&'a str>,
    /// How it ended.
    pub outcome: Option<&'a str>,
    /// The logger it came through.
    pub logger: Option<&'a str>,
    /// An exception.
    pub error: Option<ErrorData<'a>>,
    /// Whatever else the caller gave, a map. What the service's overlay declares as a field of
    /// its own, and is of that kind, becomes one; the rest goes under `fields`.
    pub fields: &'a Value,
}

/// A request that was answered.
#[derive(Clone, Copy, Debug)]
pub struct Http<'a> {
    /// The route template.
    pub route: &'a str,
    /// The method.
    pub method: &'a str,
    /// The status code.
    pub status: u16,
    /// From arrival to the last body byte.
    pub latency: Duration,
    /// Body bytes sent.
    pub bytes: u64,
}

/// Whom a line is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity<'a> {
    /// The subject.
    pub sub: Option<&'a str>,
    /// The e-mail address, where the caller has decided that it may be written.
    pub email: Option<&'a str>,
    /// The keyed hash of the address.
    pub email_hash: Option<&'a str>,
    /// The domain of the address.
    pub email_domain: Option<&'a str>,
    /// The tenant.
    pub tenant_id: Option<&'a str>,
}

/// An exception as data.
#[derive(Clone, Copy, Debug)]
pub struct ErrorData<'a> {
    /// Its type.
    pub kind: &'a str,
    /// Its message.
    pub message: &'a str,
    /// Where it came from, the innermost frame last.
    pub frames: &'a [String],
}

impl<'a> Record<'a> {
    /// A record that says nothing else.
    pub const fn new(level: Level, event: &'a str) -> Self {
        Self {
            level,
            event,
            message: None,
            http: None,
            identity: Identity {
                sub: None,
                email: None,
                email_hash: None,
                email_domain: None,
                tenant_id: None,
            },
            dashboard_slug: None,
            trace_id: None,
            span_id: None,
            outcome: None,
            logger: None,
            error: None,
            fields: &Value::Null,
        }
    }
}

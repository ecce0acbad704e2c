//! A finished span: what was measured, in the few bytes that the hot path can afford.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use crate::TraceContext;

/// What one operation was, once it has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Its trace, its id and its parent's.
    pub context: TraceContext,
    /// What it is called; few names for many spans, such as `GET /api/me`.
    pub name: Cow<'static, str>,
    /// Its part in a call.
    pub kind: Kind,
    /// When it began.
    pub start: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// Whether it failed.
    pub status: Status,
    /// What else is known of it.
    pub attributes: Vec<Attribute>,
}

/// The part of a span in a call from one process to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// No such call.
    #[default]
    Internal,
    /// It answers a request.
    Server,
    /// It makes a request and waits for the answer.
    Client,
    /// It sends a message and doesn't wait.
    Producer,
    /// It works on a message.
    Consumer,
}

/// Whether a span failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Nothing says that it did.
    #[default]
    Unset,
    /// It did, with this message, which may be empty.
    Error(Cow<'static, str>),
}

/// A named value of a span.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The name, by OpenTelemetry's semantic conventions where they have one.
    pub name: &'static str,
    /// The value.
    pub value: Value,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text; it is redacted before it leaves the process.
    Text(Cow<'static, str>),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
}

impl Attribute {
    /// A text.
    pub fn text(name: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self { name, value: Value::Text(text.into()) }
    }

    /// A whole number.
    pub fn integer(name: &'static str, number: i64) -> Self {
        Self { name, value: Value::Integer(number) }
    }
}

impl Kind {
    /// Whether what called it is in another process.
    pub(crate) fn is_called_from_afar(self) -> bool {
        matches!(self, Self::Server | Self::Consumer)
    }
}

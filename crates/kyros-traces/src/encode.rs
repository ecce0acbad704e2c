//! Spans as the exporter library takes them; every text passes the redactor on its way.

use std::borrow::Cow;
use std::str::FromStr;

use kyros_redact::{Findings, Redactor};
use opentelemetry::trace::{self, SpanContext, SpanKind, TraceFlags};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use crate::{Attribute, Kind, Span, Status, TraceContext, TraceState, Value};

/// The most bytes of a text that leave the process.
const LONGEST: usize = 4096;
/// Stands for a value that its name says is secret.
const HIDDEN: &str = "[redacted:secret]";
const RANDOM: u8 = 0b10;

/// Makes spans ready to leave the process.
pub(crate) struct Encoder {
    redactor: Redactor,
    scope: InstrumentationScope,
}

impl Encoder {
    pub(crate) fn new(redactor: Redactor) -> Self {
        let scope = InstrumentationScope::builder("kyros_obs");
        Self { redactor, scope: scope.with_version(env!("CARGO_PKG_VERSION")).build() }
    }

    pub(crate) fn encode(&self, span: Span) -> SpanData {
        let Span { context, name, kind, start, duration, status, attributes } = span;
        SpanData {
            parent_span_id: parent(&context),
            parent_span_is_remote: context.parent.is_some() && kind.is_called_from_afar(),
            span_context: identity(&context),
            span_kind: span_kind(kind),
            name: self.clean(name),
            start_time: start,
            end_time: start.checked_add(duration).unwrap_or(start),
            attributes: attributes.into_iter().map(|one| self.attribute(one)).collect(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: self.status(status),
            instrumentation_scope: self.scope.clone(),
        }
    }

    /// A named text as it may leave the process.
    pub(crate) fn value(&self, name: &str, text: Cow<'static, str>) -> Cow<'static, str> {
        let text = kyros_redact::Value::Text(text.into_owned());
        if self.redactor.hides(name, &text) {
            return Cow::Borrowed(HIDDEN);
        }
        let kyros_redact::Value::Text(text) = text else { return Cow::Borrowed(HIDDEN) };
        self.clean(Cow::Owned(text))
    }

    /// A text as it may leave the process.
    pub(crate) fn clean(&self, text: Cow<'static, str>) -> Cow<'static, str> {
        let redacted = match self.redactor.text(&text, &mut Findings::default()) {
            Cow::Borrowed(whole) if whole.len() == text.len() => None,
            changed => Some(changed.into_owned()),
        };
        bounded(redacted.map_or(text, Cow::Owned))
    }

    fn attribute(&self, Attribute { name, value }: Attribute) -> KeyValue {
        match value {
            Value::Text(text) => KeyValue::new(name, self.value(name, text)),
            Value::Integer(number) => KeyValue::new(name, number),
            Value::Number(number) => KeyValue::new(name, number),
            Value::Flag(flag) => KeyValue::new(name, flag),
        }
    }

    fn status(&self, status: Status) -> trace::Status {
        match status {
            Status::Unset => trace::Status::Unset,
            Status::Error(message) => trace::Status::error(self.clean(message)),
        }
    }
}

fn identity(context: &TraceContext) -> SpanContext {
    let sampled = if context.sampled { TraceFlags::SAMPLED.to_u8() } else { 0 };
    let random = if context.random { RANDOM } else { 0 };
    let state = context.tracestate.as_ref().map(TraceState::as_str);
    SpanContext::new(
        trace::TraceId::from_bytes(*context.trace_id.as_bytes()),
        trace::SpanId::from_bytes(*context.span_id.as_bytes()),
        TraceFlags::new(sampled | random),
        false,
        state.and_then(|state| trace::TraceState::from_str(state).ok()).unwrap_or_default(),
    )
}

fn parent(context: &TraceContext) -> trace::SpanId {
    let parent = context.parent.as_ref();
    parent.map_or(trace::SpanId::INVALID, |id| trace::SpanId::from_bytes(*id.as_bytes()))
}

fn span_kind(kind: Kind) -> SpanKind {
    match kind {
        Kind::Internal => SpanKind::Internal,
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
        Kind::Producer => SpanKind::Producer,
        Kind::Consumer => SpanKind::Consumer,
    }
}

/// Cuts a text where it is too long. It is redacted already, so that no half of a secret slips by.
fn bounded(text: Cow<'static, str>) -> Cow<'static, str> {
    if text.len() <= LONGEST {
        return text;
    }
    let end = text.floor_char_boundary(LONGEST);
    Cow::Owned(text.get(..end).unwrap_or_default().to_owned())
}

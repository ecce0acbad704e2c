//! Spans of Rust code, measured by `tracing`.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, registry};

use crate::{Attribute, Exporter, Kind, Span, Status, TraceContext, Value};

/// A field that says by whom a span was called, as a `traceparent` header says it.
const TRACEPARENT: &str = "traceparent";
/// The field of an event's text.
const MESSAGE: &str = "message";
/// A field that says the part of a span in a call.
const KIND: &str = "otel.kind";
/// Targets of our own crates; libraries measure more than anybody wants to see.
const OURS: &str = "kyros";

/// Exports the `tracing` spans of the SDK's crates.
///
/// A span's parent is the `tracing` span it was made in, else the one that its field `traceparent`
/// names; without either it begins a trace. Its field `otel.kind` may say `client`, `server`, `producer`
/// or `consumer`. Other fields become attributes, and an event of level `ERROR`
/// makes the span one that failed.
pub struct SpanLayer {
    exporter: Arc<Exporter>,
}

/// What measures the `tracing` spans of a thread for this exporter, and nothing else.
pub fn dispatch(exporter: Arc<Exporter>) -> Dispatch {
    Dispatch::new(registry().with(SpanLayer::new(exporter)))
}

/// A span that is running.
struct Open {
    context: TraceContext,
    start: SystemTime,
    begun: Instant,
    fields: Fields,
    status: Status,
}

#[derive(Default)]
struct Fields {
    attributes: Vec<Attribute>,
    kind: Kind,
    traceparent: Option<String>,
    message: Option<String>,
}

impl SpanLayer {
    /// A layer that hands spans to this exporter.
    pub fn new(exporter: Arc<Exporter>) -> Self {
        Self { exporter }
    }

    fn entered(&self, caller: Option<&str>) -> TraceContext {
        self.exporter.sample(TraceContext::continued(caller, None))
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for SpanLayer {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_ours(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        is_ours(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let parent = span
            .parent()
            .and_then(|parent| parent.extensions().get::<Open>().map(|open| open.context.child()));
        let context = parent.unwrap_or_else(|| self.entered(fields.traceparent.as_deref()));
        let (start, begun) = (SystemTime::now(), Instant::now());
        span.extensions_mut().insert(Open { context, start, begun, fields, status: Status::Unset });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            values.record(&mut open.fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(span) = context.event_span(event) else { return };
        if *event.metadata().level() != Level::ERROR {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            open.status = Status::Error(fields.message.unwrap_or_default().into());
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        if let Some(open) = span.extensions_mut().remove::<Open>() {
            self.exporter.export(open.finished(span.name()));
        }
    }
}

impl Open {
    fn finished(self, name: &'static str) -> Span {
        Span {
            name: Cow::Borrowed(name),
            kind: self.fields.kind,
            duration: self.begun.elapsed(),
            start: self.start,
            context: self.context,
            status: self.status,
            attributes: self.fields.attributes,
        }
    }
}

impl Fields {
    fn text(&mut self, name: &'static str, text: String) {
        match name {
            KIND => self.kind = kind(&text),
            TRACEPARENT => self.traceparent = Some(text),
            MESSAGE => self.message = Some(text),
            _ => self.keep(name, Value::Text(text.into())),
        }
    }

    fn keep(&mut self, name: &'static str, value: Value) {
        self.attributes.retain(|known| known.name != name);
        self.attributes.push(Attribute { name, value });
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value.to_owned());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field.name(), Value::Integer(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field.name(), Value::Integer(i64::try_from(value).unwrap_or(i64::MAX)));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field.name(), Value::Number(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field.name(), Value::Flag(value));
    }
}

fn kind(word: &str) -> Kind {
    match word {
        "client" => Kind::Client,
        "server" => Kind::Server,
        "producer" => Kind::Producer,
        "consumer" => Kind::Consumer,
        _ => Kind::Internal,
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with(OURS)
}

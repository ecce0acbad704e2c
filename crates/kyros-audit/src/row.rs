//! An event as a row: a JSON object whose keys are the columns.

use jiff::Timestamp;
use kyros_schema::names::column;
use serde_json::{Map, Value};
use uuid::{NoContext, Uuid};

use crate::Event;

/// Longest text of an indexed column, in characters; Postgres refuses longer keys.
const INDEXED: usize = 256;

/// Where a meta that is no object goes.
const WRAPPED: &str = "value";

/// When an event happened, and the identifier made of that.
#[derive(Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) event_id: Uuid,
    pub(crate) ts: Timestamp,
}

impl Stamp {
    /// The present, to the microsecond, as the database keeps it.
    pub(crate) fn now() -> Self {
        let now = Timestamp::now();
        let ts = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
        Self { event_id: fresh_id(ts), ts }
    }
}

/// A UUID version 7 of that time. It shares no counter with other threads: a forked child would find
/// the counter's lock as it was.
pub(crate) fn fresh_id(ts: Timestamp) -> Uuid {
    let seconds = u64::try_from(ts.as_second()).unwrap_or_default();
    let nanoseconds = u32::try_from(ts.subsec_nanosecond()).unwrap_or_default();
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanoseconds))
}

/// A row but for its number, which is known only when its place in the spool is.
pub(crate) struct Row(String);

impl Row {
    pub(crate) fn new(event: &Event<'_>, stamp: Stamp, writer_id: Uuid) -> Self {
        let mut row = Self(String::with_capacity(768));
        row.stamp(stamp);
        row.identity(event);
        row.deed(event);
        row.text(column::WRITER_ID, Some(&writer_id.to_string()));
        row
    }

    /// The whole row.
    pub(crate) fn numbered(mut self, seq: u64) -> String {
        self.raw(column::WRITER_SEQ, &seq.to_string());
        self.0.push('}');
        self.0
    }

    fn stamp(&mut self, stamp: Stamp) {
        self.text(column::EVENT_ID, Some(&stamp.event_id.to_string()));
        self.text(column::TS, Some(&stamp.ts.to_string()));
    }

    fn identity(&mut self, event: &Event<'_>) {
        let sub = event.sub.and_then(uuid);
        self.text(column::SUB, sub.as_deref());
        self.text(column::ACTOR_ID, event.sub.filter(|_| sub.is_none()));
        self.text(column::EMAIL, event.email);
        self.text(column::EMAIL_HASH, event.email_hash);
        self.text(column::EMAIL_DOMAIN, event.email_domain);
        self.text(column::TENANT_ID, event.tenant_id.and_then(uuid).as_deref());
    }

    fn deed(&mut self, event: &Event<'_>) {
        self.text(column::ACTION, Some(short(event.action)));
        self.text(column::RESOURCE, event.resource);
        self.text(column::OUTCOME, Some(short(event.outcome)));
        self.raw(column::META, &meta(event));
        self.text(column::SERVICE, Some(event.service));
        self.text(column::ENV, event.env);
        self.text(column::TRACE_ID, event.trace_id.map(short));
        self.text(column::SPAN_ID, event.span_id);
        self.raw(column::KNOWN_ACTION, if event.known_action { "true" } else { "false" });
    }

    fn text(&mut self, column: &str, text: Option<&str>) {
        let value = text.map_or(Value::Null, |text| Value::String(storable(text)));
        self.raw(column, &value.to_string());
    }

    fn raw(&mut self, column: &str, json: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push_str(&Value::from(column).to_string());
        self.0.push(':');
        self.0.push_str(json);
    }
}

/// When the event of a row happened.
pub(crate) fn happened(row: &str) -> Option<Timestamp> {
    let row: Value = serde_json::from_str(row).ok()?;
    row.get(column::TS)?.as_str()?.parse().ok()
}

fn uuid(text: &str) -> Option<String> {
    Uuid::parse_str(text).ok().map(|uuid| uuid.to_string())
}

fn short(text: &str) -> &str {
    text.char_indices().nth(INDEXED).map_or(text, |(end, _)| &text[..end])
}

/// Postgres has no text with NUL.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The meta as it is, but where the tenant has to go into it or the database would refuse it.
fn meta(event: &Event<'_>) -> String {
    let text = event.meta.as_str();
    let tenant = event.tenant_id.filter(|tenant| uuid(tenant).is_none());
    if tenant.is_none() && text.starts_with('{') && !text.contains(r"\u0000") {
        return text.to_owned();
    }
    let mut object = object(text);
    if let Some(tenant) = tenant {
        object.insert(column::TENANT_ID.to_owned(), storable(tenant).into());
    }
    Value::Object(object).to_string()
}

fn object(text: &str) -> Map<String, Value> {
    match serde_json::from_str(text).map(without_nul) {
        Ok(Value::Object(object)) => object,
        Ok(Value::Null) => Map::new(),
        Ok(other) => Map::from_iter([(WRAPPED.to_owned(), other)]),
        Err(_) => Map::from_iter([(WRAPPED.to_owned(), storable(text).into())]),
    }
}

fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(storable(&text)),
        Value::Array(items) => items.into_iter().map(without_nul).collect(),
        Value::Object(object) => {
            object.into_iter().map(|(key, value)| (storable(&key), without_nul(value))).collect()
        }
        other => other,
    }
}

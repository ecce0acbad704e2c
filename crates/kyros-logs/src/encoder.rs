//! The one encoding of a record.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use kyros_redact::{Findings, Redactor, write_text};
use kyros_schema::{Field, FieldKind, Schema};

use crate::record::Record;
use crate::writer::{OURS, WriteField, Writer};

/// Turns records into lines; one for a process.
#[derive(Debug)]
pub struct Encoder {
    pub(crate) redactor: Redactor,
    pub(crate) slots: Vec<Slot>,
    /// The JSON of `service`.
    pub(crate) service: String,
    /// The JSON of `env`.
    pub(crate) env: String,
    next: AtomicU64,
}

/// A field's place in a line.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) name: String,
    /// The name in JSON, with its colon.
    pub(crate) key: String,
    pub(crate) value: Source,
}

/// Where the value of a field comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// The record's place for it.
    Record(WriteField),
    /// Whatever else the caller gave; the service's overlay declares it, of this kind.
    Own(FieldKind),
}

/// One JSON object and a line end, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(String);

/// A line without its number.
pub(crate) struct Draft {
    pub(crate) text: String,
    /// Where the number belongs.
    pub(crate) number_at: usize,
}

/// Bytes of names of ours and of the service.
const LONGEST_NAME: usize = 128;

impl Encoder {
    /// An encoder for lines of a service in an environment, with the fields of `schema`.
    pub fn new(schema: &Schema, service: &str, env: &str) -> Self {
        let redactor = Redactor::of(schema);
        let slots = schema.fields.values().map(slot).collect();
        let (service, env) = (quoted(service), quoted(env));
        Self { redactor, slots, service, env, next: AtomicU64::new(0) }
    }

    /// The line of a record, with the next number. What is redacted is added to `findings`.
    pub fn encode(&self, record: &Record<'_>, now: Timestamp, findings: &mut Findings) -> Line {
        self.number(self.draft(record, now, findings))
    }

    /// To be called in the child after a fork: lines are numbered from zero again.
    pub fn after_fork(&self) {
        self.next.store(0, Ordering::Relaxed);
    }

    pub(crate) fn draft(
        &self,
        record: &Record<'_>,
        now: Timestamp,
        findings: &mut Findings,
    ) -> Draft {
        Writer::new(self, record, now, findings).draft()
    }

    pub(crate) fn number(&self, mut draft: Draft) -> Line {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        draft.text.insert_str(draft.number_at, &number.to_string());
        Line(draft.text)
    }
}

impl Line {
    /// The line, with its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The line's bytes, with its end.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The place of a field.
fn slot(of: &Field) -> Slot {
    let name = of.name.clone();
    let key = format!("{}:", quoted(&name));
    let ours = OURS.iter().find(|(ours, _)| *ours == name);
    let value = ours.map_or(Source::Own(of.kind), |(_, write)| Source::Record(*write));
    Slot { name, key, value }
}

fn quoted(name: &str) -> String {
    let mut out = String::new();
    write_text(&mut out, name, LONGEST_NAME, &mut Findings::default());
    out
}

//! Writes one line, field by field in the schema's order.

mod own;
mod value;

use jiff::Timestamp;
use kyros_redact::Findings;
use kyros_schema::names::field;

use crate::encoder::{Draft, Encoder, Slot, Source};
use crate::record::Record;
use own::Own;

/// Appends a field's value; false where the line is to go without the field.
pub(crate) type WriteField = fn(&mut Writer<'_, '_, '_>) -> bool;

/// The fields a [`Record`] has a place for.
pub(crate) const OURS: [(&str, WriteField); 24] = [
    (field::TS, |line| line.ts()),
    (field::LEVEL, |line| line.level()),
    (field::SERVICE, |line| line.service()),
    (field::ENV, |line| line.env()),
    (field::EVENT, |line| line.event()),
    (field::MESSAGE, |line| line.message()),
    (field::ROUTE, |line| line.route()),
    (field::METHOD, |line| line.method()),
    (field::STATUS, |line| line.status()),
    (field::LATENCY_MS, |line| line.latency()),
    (field::BYTES, |line| line.bytes()),
    (field::SUB, |line| line.id(line.record.identity.sub)),
    (field::EMAIL, |line| line.email()),
    (field::EMAIL_HASH, |line| line.email_hash()),
    (field::EMAIL_DOMAIN, |line| line.email_domain()),
    (field::TENANT_ID, |line| line.id(line.record.identity.tenant_id)),
    (field::DASHBOARD_SLUG, |line| line.name(line.record.dashboard_slug)),
    (field::TRACE_ID, |line| line.hex(line.record.trace_id, 32)),
    (field::SPAN_ID, |line| line.hex(line.record.span_id, 16)),
    (field::OUTCOME, |line| line.name(line.record.outcome)),
    (field::LOGGER, |line| line.name(line.record.logger)),
    (field::ERROR, |line| line.error()),
    (field::FIELDS, |line| line.fields()),
    (field::SEQ, |line| line.seq()),
];

/// A line that is being written.
pub(crate) struct Writer<'e, 'r, 'f> {
    encoder: &'e Encoder,
    record: &'r Record<'r>,
    now: Timestamp,
    findings: &'f mut Findings,
    own: Own<'r>,
    out: String,
    number_at: usize,
}

impl<'e, 'r, 'f> Writer<'e, 'r, 'f> {
    pub(crate) fn new(
        encoder: &'e Encoder,
        record: &'r Record<'r>,
        now: Timestamp,
        findings: &'f mut Findings,
    ) -> Self {
        let own = Own::of(&encoder.slots, record.fields, &encoder.redactor);
        let out = String::with_capacity(640);
        Self { encoder, record, now, findings, own, out, number_at: 0 }
    }

    pub(crate) fn draft(mut self) -> Draft {
        self.out.push('{');
        for (at, slot) in self.encoder.slots.iter().enumerate() {
            self.field(at, slot);
        }
        self.out.pop();
        self.out.push_str("}\n");
        Draft { text: self.out, number_at: self.number_at }
    }

    /// Writes a field with a comma behind it, or nothing.
    fn field(&mut self, at: usize, slot: &Slot) {
        let before = self.out.len();
        self.out.push_str(&slot.key);
        let written = match slot.value {
            Source::Record(write) => write(self),
            Source::Own(_) => self.own_field(at),
        };
        if written {
            self.out.push(',');
        } else {
            self.out.truncate(before);
        }
    }
}

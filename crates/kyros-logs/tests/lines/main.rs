//! Lines as a reader of the log finds them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod content;
mod plausible;
mod promises;
mod writing;

use kyros_logs::{Encoder, Record};
use kyros_redact::Findings;
use kyros_schema::Schema;
use serde_json::Value as Json;

/// An encoder with the embedded schema.
fn encoder() -> Encoder {
    Encoder::new(Schema::embedded(), "kyros-api", "dev")
}

/// The line of a record as it is written.
fn written(encoder: &Encoder, record: &Record<'_>) -> String {
    let now = "2026-11-23T10:00:00.5Z".parse().unwrap();
    encoder.encode(record, now, &mut Findings::default()).as_str().to_owned()
}

/// The line of a record as it is read.
fn read(encoder: &Encoder, record: &Record<'_>) -> Json {
    serde_json::from_str(&written(encoder, record)).unwrap()
}

//! A log record, its one JSON encoding, and the sink.
//!
//! A [`Line`] is made by the [`Encoder`] alone: it writes the fields in the schema's order, checks
//! the typed ones, and lets every text through the redactor. A [`Log`] numbers lines and writes
//! each with one whole write, so that a gap in `seq` is a lost line.
//!
//! ```
//! use kyros_logs::{Encoder, Level, Log, Record, Sink};
//! use kyros_redact::Findings;
//! use kyros_schema::Schema;
//!
//! let log = Log::new(Encoder::new(Schema::embedded(), "kyros-api", "dev"), Sink::memory());
//! let mut record = Record::new(Level::Info, "log");
//! record.message = Some("login of ana@client.example");
//!
//! let mut findings = Findings::default();
//! log.write(&record, "2026-11-23T10:00:00Z".parse().unwrap(), &mut findings).unwrap();
//! let line = log.sink().lines().remove(0);
//! assert!(line.starts_with(r#"{"ts":"2026-11-23T10:00:00.000000Z","level":"info","#));
//! assert!(line.contains(r#""message":"login of [redacted:email]""#));
//! assert!(line.ends_with("\"seq\":0}\n"));
//! ```

mod check;
mod encoder;
mod error;
mod level;
mod log;
mod record;
mod remembered;
mod sink;
mod writer;

pub use check::{plausible_domain, plausible_email, plausible_id};
pub use encoder::{Encoder, Line};
pub use error::Error;
pub use level::Level;
pub use log::Log;
pub use record::{ErrorData, Http, Identity, Record};
pub use sink::Sink;

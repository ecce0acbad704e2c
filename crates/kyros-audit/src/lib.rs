//! Audit events: durable spool, Postgres writer, migrations.
//!
//! [`Trail::record`] puts an event on disk before it returns; a background thread inserts it into
//! `audit_logs` exactly once, however often process, connection or server die in between. Without
//! a [`Dsn`] the spool alone keeps the events. Nothing here prints an event or a password.
//!
//! ```
//! use kyros_audit::{Event, Options, Trail};
//! use kyros_redact::{Findings, Value, json};
//! use kyros_schema::ActionClass;
//!
//! # fn main() -> Result<(), kyros_audit::Error> {
//! # let spool = std::env::temp_dir().join(format!("kyros-audit-doc-{}", std::process::id()));
//! let trail = Trail::open(Options::new(&spool))?;
//! let meta = json(&Value::Map(vec![("page".into(), Value::Text("/tail".into()))]), &mut Findings::default());
//! let event = Event {
//!     resource: Some("clv"),
//!     ..Event::new("view_dashboard", ActionClass::View, "success", "dash-app-clv", meta)
//! };
//! let receipt = trail.record(&event)?;
//! let pending = trail.pending_events()?;
//! assert!(pending[0].contains(&receipt.event_id.to_string()));
//! # std::fs::remove_dir_all(spool).ok();
//! # Ok(())
//! # }
//! ```

mod dsn;
mod error;
mod event;
mod migrate;
mod migrations;
mod observer;
mod options;
mod process;
mod row;
mod spool;
mod stats;
mod trail;
mod writer;

pub use dsn::Dsn;
pub use error::Error;
pub use event::{Event, Receipt};
pub use migrate::{MigrationReport, migrate};
pub use observer::Observer;
pub use options::Options;
pub use spool::spooled;
pub use stats::Stats;
pub use trail::Trail;

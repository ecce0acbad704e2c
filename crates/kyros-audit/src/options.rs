//! How a trail is set up.

use std::path::PathBuf;
use std::time::Duration;

use tracing::Dispatch;

use crate::{Dsn, Observer};

/// Where events are kept, and where they go.
#[derive(Clone, Debug)]
pub struct Options {
    /// The spool; processes that share it ship what a dead one of them left behind.
    pub spool_dir: PathBuf,
    /// The database; without it the spool alone keeps the events.
    pub dsn: Option<Dsn>,
    /// Size in bytes at which a segment is closed and the next begun.
    pub segment_bytes: u64,
    /// Bytes of one process' spool from which on events of class `view` are shed.
    pub limit_bytes: u64,
    /// Time between two looks for spools of dead processes.
    pub adopt_every: Duration,
    /// Who is told what the trail does.
    pub observer: Option<Observer>,
    /// Who measures the writer's insertions: each is a span.
    pub measure: Option<Dispatch>,
}

impl Options {
    /// A spool alone, of at most 1 GiB a process (about a million events).
    pub fn new(spool_dir: impl Into<PathBuf>) -> Self {
        Self {
            spool_dir: spool_dir.into(),
            dsn: None,
            segment_bytes: 8 << 20,
            limit_bytes: 1 << 30,
            adopt_every: Duration::from_secs(30),
            observer: None,
            measure: None,
        }
    }
}

//! An encoder and a sink, with one line at a time.

use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use kyros_redact::Findings;

use crate::encoder::Encoder;
use crate::record::Record;
use crate::sink::Sink;

/// The log of a process.
#[derive(Debug)]
pub struct Log {
    encoder: Encoder,
    sink: Sink,
    turn: Turn,
}

/// Who has it numbers a line and writes it.
///
/// A thread may have its turn when the process forks; in the child it is never given back, so a
/// child takes turns anew.
#[derive(Debug, Default)]
struct Turn {
    taken: Mutex<()>,
    after_fork: OnceLock<Box<Self>>,
}

impl Log {
    /// A log that writes what `encoder` makes to `sink`.
    pub fn new(encoder: Encoder, sink: Sink) -> Self {
        Self { encoder, sink, turn: Turn::default() }
    }

    /// Encodes a record and writes its line. The line's number is spent even if writing fails.
    ///
    /// # Errors
    /// The sink's.
    pub fn write(
        &self,
        record: &Record<'_>,
        now: Timestamp,
        findings: &mut Findings,
    ) -> io::Result<()> {
        let draft = self.encoder.draft(record, now, findings);
        let _turn = self.turn.last().taken.lock().unwrap_or_else(PoisonError::into_inner);
        self.sink.write(&self.encoder.number(draft))
    }

    /// What lines are written to.
    pub fn sink(&self) -> &Sink {
        &self.sink
    }

    /// To be called in the child after a fork: lines are numbered from zero again.
    pub fn after_fork(&self) {
        self.encoder.after_fork();
        self.turn.last().after_fork.get_or_init(Box::default);
    }
}

impl Turn {
    fn last(&self) -> &Self {
        let mut turn = self;
        while let Some(next) = turn.after_fork.get() {
            turn = next;
        }
        turn
    }
}

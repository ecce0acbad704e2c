//! The audit trail as its users see it.

use std::time::Duration;

use crate::process::Process;
use crate::writer::Target;
use crate::{Error, Event, Options, Receipt, Stats, spool};

/// Records events: on disk before [`record`](Self::record) returns, in Postgres soon after.
///
/// It may be shared by threads, and survives a fork: the child has a spool, numbers and a writer of
/// its own, and leaves its parent's alone. Dropping it stops the writer without waiting.
pub struct Trail {
    options: Options,
    target: Option<Target>,
    process: Process,
}

impl Trail {
    /// Checks the options and that the spool can be written. Starts no thread.
    pub fn open(options: Options) -> Result<Self, Error> {
        spool::prepare(&options.spool_dir)?;
        let target = options.dsn.as_ref().map(Target::new).transpose()?;
        let process = Process::new(options.observer.clone());
        Ok(Self { options, target, process })
    }

    /// Puts an event on disk, and has it shipped. After an error the event is not recorded.
    pub fn record(&self, event: &Event<'_>) -> Result<Receipt, Error> {
        let process = self.process.current();
        let receipt = process.record(event, &self.options)?;
        match self.start() {
            Ok(()) => process.wake(),
            Err(error) => process.note(&error),
        }
        Ok(receipt)
    }

    /// Starts the writer before the first event, so that it ships what dead processes left behind.
    /// Does nothing where it runs already, there is no database, or the trail is closed.
    pub fn start(&self) -> Result<(), Error> {
        self.process.current().start(&self.options, self.target.as_ref())
    }

    /// This process' events that Postgres has not confirmed, oldest first: JSON objects whose keys
    /// are the columns.
    pub fn pending_events(&self) -> Result<Vec<String>, Error> {
        self.process.current().pending()
    }

    /// What was done since this process started.
    pub fn stats(&self) -> Stats {
        self.process.current().stats()
    }

    /// Tells the observer how things stand. It knows all but one thing already: how old the oldest
    /// pending event has grown since.
    pub fn publish(&self) {
        self.process.current().publish();
    }

    /// What keeps the writer from delivering, if anything does.
    pub fn problem(&self) -> Option<String> {
        self.process.current().problem()
    }

    /// Waits until this process' events are in Postgres, retrying now rather than later; false when
    /// the time was up before. Without a database there is nothing to wait for.
    pub fn flush(&self, timeout: Duration) -> bool {
        self.target.is_none() || self.process.current().flush(timeout)
    }

    /// Flushes for at most that time, then stops the writer. Later events are kept on disk, where
    /// another process finds them. True when nothing is left to ship.
    pub fn close(&self, timeout: Duration) -> bool {
        let process = self.process.current();
        let delivered = self.flush(timeout);
        process.close();
        delivered
    }

    /// Gives a forked child its own part. What another thread of the parent was doing at that
    /// moment stays the parent's. A child that doesn't call it gets its part at first use.
    pub fn after_fork(&self) {
        self.process.succeed();
    }
}

impl Drop for Trail {
    fn drop(&mut self) {
        if let Some(process) = self.process.own() {
            process.close();
        }
    }
}

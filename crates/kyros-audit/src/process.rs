//! The part of a trail that one process has: after a fork the child gets another.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use kyros_schema::ActionClass;

use crate::row::{Row, Stamp};
use crate::spool::Journal;
use crate::stats::{Counters, locked};
use crate::writer::{Target, Writer};
use crate::{Error, Event, Observer, Options, Receipt, Stats};

/// Journal, writer and counts of one process; none of its locks outlives a fork.
pub(crate) struct Process {
    pid: u32,
    counters: Arc<Counters>,
    journal: Mutex<Option<Arc<Journal>>>,
    writer: Mutex<State>,
    child: OnceLock<Box<Self>>,
}

enum State {
    Unstarted,
    Running(Writer),
    Closed,
}

impl Process {
    pub(crate) fn new(observer: Option<Observer>) -> Self {
        Self::counting(Counters::new(observer))
    }

    fn counting(counters: Counters) -> Self {
        Self {
            pid: std::process::id(),
            counters: Arc::new(counters),
            journal: Mutex::default(),
            writer: Mutex::new(State::Unstarted),
            child: OnceLock::new(),
        }
    }

    /// The part of the process that is running, which is not this one after a fork.
    pub(crate) fn current(&self) -> &Self {
        self.own().unwrap_or_else(|| self.succeed())
    }

    /// The part of the process that is running, where it has one.
    pub(crate) fn own(&self) -> Option<&Self> {
        Some(self.newest()).filter(|newest| newest.pid == std::process::id())
    }

    /// Makes another part; what this one holds belongs to the parent.
    pub(crate) fn succeed(&self) -> &Self {
        let newest = self.newest();
        newest.child.get_or_init(|| {
            if let Ok(journal) = newest.journal.try_lock() {
                journal.iter().for_each(|journal| journal.disown());
            }
            Box::new(Self::counting(newest.counters.of_child()))
        })
    }

    pub(crate) fn record(&self, event: &Event<'_>, options: &Options) -> Result<Receipt, Error> {
        let recorded = self.append(event, options);
        match &recorded {
            Ok(receipt) => self.counters.accept(receipt.ts),
            Err(Error::Full { .. }) => {
                self.counters.shed.fetch_add(1, Relaxed);
            }
            Err(_) => self.counters.spool_error(),
        }
        self.counters.publish();
        recorded
    }

    /// Starts the writer where there is a database and it isn't running; a trail that is closed
    /// stays so.
    pub(crate) fn start(&self, options: &Options, target: Option<&Target>) -> Result<(), Error> {
        let mut state = locked(&self.writer);
        if let (State::Unstarted, Some(target)) = (&*state, target) {
            let journal = self.journal(options)?;
            let writer = Writer::start(journal, Arc::clone(&self.counters), target, options)?;
            *state = State::Running(writer);
        }
        Ok(())
    }

    /// Tells the writer that there is something to do.
    pub(crate) fn wake(&self) {
        if let State::Running(writer) = &*locked(&self.writer) {
            writer.wake();
        }
    }

    pub(crate) fn pending(&self) -> Result<Vec<String>, Error> {
        let journal = locked(&self.journal).clone();
        journal.map_or_else(|| Ok(Vec::new()), |journal| journal.pending())
    }

    pub(crate) fn stats(&self) -> Stats {
        self.counters.stats()
    }

    pub(crate) fn publish(&self) {
        self.counters.publish();
    }

    /// The event is on disk, but something keeps the writer from running.
    pub(crate) fn note(&self, error: &Error) {
        self.counters.set_problem(Some(error.to_string()));
    }

    pub(crate) fn problem(&self) -> Option<String> {
        self.counters.problem()
    }

    pub(crate) fn flush(&self, timeout: Duration) -> bool {
        if let State::Running(writer) = &*locked(&self.writer) {
            writer.hurry();
        }
        let delivered = self.counters.wait_delivered(timeout);
        self.counters.publish();
        delivered
    }

    /// Stops the writer; events that come later are kept for another process to ship.
    pub(crate) fn close(&self) {
        let state = std::mem::replace(&mut *locked(&self.writer), State::Closed);
        if let State::Running(writer) = state {
            writer.stop();
        }
        let journal = locked(&self.journal).take();
        if journal.is_some_and(|journal| journal.close().is_err()) {
            self.counters.spool_error();
        }
        self.counters.publish();
    }

    fn append(&self, event: &Event<'_>, options: &Options) -> Result<Receipt, Error> {
        let stamp = Stamp::now();
        loop {
            let journal = self.journal(options)?;
            shed(event.class, &journal, options.limit_bytes)?;
            let writer_id = journal.writer_id;
            if let Some(writer_seq) = journal.append(Row::new(event, stamp, writer_id))? {
                let Stamp { event_id, ts } = stamp;
                return Ok(Receipt { event_id, ts, writer_id, writer_seq });
            }
        }
    }

    fn journal(&self, options: &Options) -> Result<Arc<Journal>, Error> {
        let mut journal = locked(&self.journal);
        if let Some(journal) = &*journal {
            return Ok(Arc::clone(journal));
        }
        let created = Arc::new(Journal::create(&options.spool_dir, options.segment_bytes)?);
        Ok(Arc::clone(journal.insert(created)))
    }

    fn newest(&self) -> &Self {
        let mut newest = self;
        while let Some(child) = newest.child.get() {
            newest = child;
        }
        newest
    }
}

/// Views make room for what must not go unrecorded.
fn shed(class: ActionClass, journal: &Journal, limit: u64) -> Result<(), Error> {
    let full = class == ActionClass::View && journal.backlog() >= limit;
    if full { Err(Error::Full { limit }) } else { Ok(()) }
}

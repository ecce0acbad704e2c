//! The arena: all series of a service in memory that its workers share.
//!
//! It is a log of records. One is appended by whoever has the turn and becomes visible by one
//! store, so a process that dies in between leaves nothing behind. Updates go straight to a
//! record's cells, from any process: there is nothing to merge, and nothing of a dead worker to
//! clean up. Readers take no turn: they read on from where they were.

#[cfg_attr(loom, path = "arena/unbacked.rs")]
mod backing;
#[cfg(not(loom))]
mod file;
mod log;
#[cfg(all(test, loom))]
mod models;
#[cfg(not(loom))]
mod name;
mod record;
mod turn;
#[cfg(not(loom))]
mod unmapped;
mod worker;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

pub(crate) use log::{Log, Room};
pub(crate) use record::{Draft, Kind, Record};
pub(crate) use worker::{MOST as MOST_WORKERS, Worker};

use crate::atomic::{AtomicU64, Ordering};
use crate::cells::{CELL, Memory};
use crate::interval::Interval;
use crate::process::pid_namespace;

/// In the first cell; another layout has another number.
const LAYOUT: u64 = 0x6b79_726f_6f62_7301;
/// Cells of the head: layout, end of the log, epoch, cells the system has given, whose series they
/// are, turns given back, the namespace that process numbers are of, then the workers' slots.
const END: usize = 1;
const EPOCH: usize = 2;
const GIVEN: usize = 3;
const OWNER: usize = 4;
const TURNS: usize = 5;
const NAMESPACE: usize = 6;
const WORKERS: usize = 8;
/// Where records begin.
const FIRST: usize = WORKERS + worker::MOST * worker::SLOT;

/// How long a process goes without a number where there are none, or no turn to get one.
const CLAIM_SECONDS: u64 = 10;

/// Bytes of address space of an arena; memory is taken as it fills.
const BYTES: usize = 64 << 20;
/// The same where a process has not got as much.
const FEW_BYTES: usize = 1 << 20;

/// Memory for the series of a service.
#[derive(Debug)]
pub(crate) struct Arena {
    memory: Arc<Memory>,
    backing: Option<backing::Backing>,
    /// How many cells the system has given, as far as this process knows by itself: what the head
    /// says may be spoiled, and touching what was never given may kill.
    given: AtomicUsize,
    /// This process' number and process id, packed; 0 while it has none.
    worker: AtomicU64,
    /// How soon it asks again for a number, where there was none.
    claims: Interval,
    /// Where this process has waited for a turn in vain; see [`turn::lock`].
    stuck: AtomicU64,
    /// The workers that were alive when somebody last looked, a bit for each.
    alive: [AtomicU64; worker::MOST / 64],
}

/// How far a reader is: whatever happened to the log after it has another position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    epoch: u64,
    end: usize,
}

/// What the log has that a reader hasn't seen.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Whether these are all records there are, since some that were read have died.
    pub(crate) anew: bool,
    pub(crate) records: Vec<Record>,
    /// How many places hold no sound record.
    pub(crate) unsound: usize,
    pub(crate) position: Position,
}

impl Arena {
    /// An arena of this process alone; a small one where its address space is small.
    pub(crate) fn private() -> Self {
        let memory = Memory::private(BYTES / CELL);
        Self::alone(memory.unwrap_or_else(|| Memory::heap(FEW_BYTES / CELL)))
    }

    fn alone(memory: Memory) -> Self {
        let arena = Self::over(memory);
        arena.found(0, arena.memory.cells().len());
        arena
    }

    fn over(memory: Memory) -> Self {
        Self {
            memory: Arc::new(memory),
            backing: None,
            given: AtomicUsize::new(0),
            worker: AtomicU64::new(0),
            claims: Interval::due(CLAIM_SECONDS),
            stuck: AtomicU64::new(0),
            alive: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }

    /// Makes the head of an empty arena.
    fn found(&self, owner: u64, given: usize) {
        self.head(OWNER).store(owner, Ordering::Relaxed);
        self.head(NAMESPACE).store(pid_namespace(), Ordering::Relaxed);
        self.know_given(given);
        self.head(END).store(FIRST as u64, Ordering::Relaxed);
        self.head(0).store(LAYOUT, Ordering::Release);
    }

    /// Where the log is now.
    pub(crate) fn position(&self) -> Position {
        let epoch = self.head(EPOCH).load(Ordering::Acquire);
        Position { epoch, end: self.end() }
    }

    /// What came after a position.
    pub(crate) fn news(&self, read: Option<Position>) -> News {
        let position = self.position();
        let seen = read.filter(|read| read.epoch == position.epoch && read.end <= position.end);
        let from = seen.map_or(FIRST, |read| read.end);
        let mut news = News { anew: seen.is_none(), position, ..News::default() };
        let (mut at, mut lost) = (from, false);
        while at < position.end {
            let found = Record::read(&self.memory, at, position.end);
            news.unsound += usize::from(found.is_none() && !lost);
            lost = found.is_none();
            at = found.as_ref().map_or(at + 1, |(_, next)| *next);
            news.records.extend(found.map(|(record, _)| record));
        }
        news
    }

    /// The end of the log, as far as there is memory.
    fn end(&self) -> usize {
        let end = usize::try_from(self.head(END).load(Ordering::Acquire)).unwrap_or(usize::MAX);
        let end = end.max(FIRST);
        if end > self.given() {
            self.given.store(self.backed(), Ordering::Relaxed);
        }
        end.min(self.given()).max(FIRST)
    }

    fn given(&self) -> usize {
        self.given.load(Ordering::Relaxed)
    }

    /// Notes, for others too, that the system has given so many cells.
    fn know_given(&self, cells: usize) {
        self.given.store(cells, Ordering::Relaxed);
        self.head(GIVEN).store(cells as u64, Ordering::Relaxed);
    }

    fn head(&self, at: usize) -> &AtomicU64 {
        &self.memory.cells()[at]
    }
}

/// Its workers.
impl Arena {
    /// This process' number; claimed when it is first asked for, and after a fork again.
    pub(crate) fn worker(&self) -> Option<usize> {
        let pid = std::process::id();
        let known = self.worker.load(Ordering::Relaxed);
        let ordinal = usize::try_from(known & 0xffff_ffff).ok()?;
        if known >> 32 == u64::from(pid) && worker::has(self.slots(), ordinal, pid) {
            return Some(ordinal);
        }
        if !self.claims.is_due() {
            return None;
        }
        let Some(Worker { ordinal, .. }) = self.log().and_then(|log| log.claim()) else {
            self.claims.begin();
            return None;
        };
        self.worker.store((u64::from(pid) << 32) | ordinal as u64, Ordering::Relaxed);
        Some(ordinal)
    }

    /// The workers that are alive.
    pub(crate) fn workers(&self) -> Vec<Worker> {
        worker::all(self.slots())
    }

    /// The workers that are alive, noted for [`Self::is_alive`].
    pub(crate) fn look(&self) -> Vec<Worker> {
        let workers = self.workers();
        for (at, word) in self.alive.iter().enumerate() {
            let ours = workers.iter().filter(|worker| worker.ordinal / 64 == at);
            let bits = ours.fold(0, |bits, worker| bits | 1 << (worker.ordinal % 64));
            word.store(bits, Ordering::Relaxed);
        }
        if workers.iter().all(|worker| worker.pid != std::process::id()) {
            self.worker.store(0, Ordering::Relaxed);
        }
        workers
    }

    /// Whether a worker was alive when [`Self::look`] was last called.
    pub(crate) fn is_alive(&self, ordinal: usize) -> bool {
        let word = self.alive.get(ordinal / 64).map_or(0, |word| word.load(Ordering::Relaxed));
        word >> (ordinal % 64) & 1 == 1
    }

    fn slots(&self) -> &[AtomicU64] {
        &self.memory.cells()[WORKERS..FIRST]
    }
}

/// What it tells of itself.
impl Arena {
    /// Bytes that records take.
    pub(crate) fn used_bytes(&self) -> usize {
        self.end() * CELL
    }

    /// Bytes that records may take.
    pub(crate) fn capacity_bytes(&self) -> usize {
        self.memory.cells().len() * CELL
    }
}

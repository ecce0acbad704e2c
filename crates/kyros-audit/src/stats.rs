//! What the trail has done, counted.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::Observer;
use crate::observer::Told;

/// Counts of this process since its start, and what still waits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    /// Events accepted by the spool.
    pub spooled: u64,
    /// Events committed in Postgres, those of adopted spools among them.
    pub shipped: u64,
    /// Events Postgres refused; they are in the file of rejects.
    pub rejected: u64,
    /// Failures to read or write the spool, damaged frames among them.
    pub spool_errors: u64,
    /// Events of class `view` that were shed because the spool was over its limit.
    pub shed: u64,
    /// Events in the spool, adopted ones among them, and not yet in Postgres.
    pub pending: u64,
    /// Age in seconds of the oldest of those; 0 without any.
    pub oldest_pending_seconds: f64,
}

/// The counters behind [`Stats`], and a way to wait for them.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) spooled: AtomicU64,
    pub(crate) shipped: AtomicU64,
    pub(crate) rejected: AtomicU64,
    pub(crate) spool_errors: AtomicU64,
    pub(crate) shed: AtomicU64,
    /// Own events not yet delivered; below 0 for the moment between delivery and acceptance.
    pub(crate) pending: AtomicI64,
    /// Adopted events not yet delivered.
    pub(crate) adopted: AtomicI64,
    oldest_own: Mutex<Option<Timestamp>>,
    oldest_adopted: Mutex<Option<Timestamp>>,
    problem: Mutex<Option<String>>,
    waiting: Mutex<()>,
    progress: Condvar,
    told: Told,
}

impl Counters {
    pub(crate) fn new(observer: Option<Observer>) -> Self {
        Self { told: Told::new(observer), ..Self::default() }
    }

    /// Counters of a child of `fork`: all 0, for the same observer.
    pub(crate) fn of_child(&self) -> Self {
        Self::new(self.told.observer.clone())
    }

    /// Tells the observer how things stand. Whoever counts something does so afterwards.
    pub(crate) fn publish(&self) {
        self.told.tell(|| self.stats());
    }

    pub(crate) fn stats(&self) -> Stats {
        let (own, adopted) = (*locked(&self.oldest_own), *locked(&self.oldest_adopted));
        let oldest = own.into_iter().chain(adopted).min();
        Stats {
            spooled: self.spooled.load(Relaxed),
            shipped: self.shipped.load(Relaxed),
            rejected: self.rejected.load(Relaxed),
            spool_errors: self.spool_errors.load(Relaxed),
            shed: self.shed.load(Relaxed),
            pending: waiting(&self.pending) + waiting(&self.adopted),
            oldest_pending_seconds: oldest.map_or(0.0, age),
        }
    }

    /// An event was accepted.
    pub(crate) fn accept(&self, ts: Timestamp) {
        self.spooled.fetch_add(1, Relaxed);
        if self.pending.fetch_add(1, Relaxed) >= 0 {
            locked(&self.oldest_own).get_or_insert(ts);
        }
    }

    /// The spool could not be read or written.
    pub(crate) fn spool_error(&self) {
        self.spool_errors.fetch_add(1, Relaxed);
    }

    /// Own events have left the spool.
    pub(crate) fn delivered(&self, count: usize) {
        let before = self.pending.fetch_sub(signed(count), Relaxed);
        if before <= signed(count) {
            self.set_oldest_own(None);
        }
        drop(locked(&self.waiting));
        self.progress.notify_all();
    }

    /// Events of a dead process were taken over.
    pub(crate) fn adopted(&self, count: usize) {
        self.adopted.fetch_add(signed(count), Relaxed);
    }

    /// Those have left its spool, or were given up to a later look.
    pub(crate) fn delivered_adopted(&self, count: usize) {
        self.adopted.fetch_sub(signed(count), Relaxed);
    }

    /// The oldest event of this process that is on its way.
    pub(crate) fn set_oldest_own(&self, ts: Option<Timestamp>) {
        *locked(&self.oldest_own) = ts;
    }

    /// The oldest event of adopted spools.
    pub(crate) fn set_oldest_adopted(&self, ts: Option<Timestamp>) {
        *locked(&self.oldest_adopted) = ts;
    }

    /// What keeps the writer from delivering.
    pub(crate) fn set_problem(&self, problem: Option<String>) {
        *locked(&self.problem) = problem;
    }

    pub(crate) fn problem(&self) -> Option<String> {
        locked(&self.problem).clone()
    }

    /// Waits until no own event is pending; false when the time was up before.
    pub(crate) fn wait_delivered(&self, timeout: Duration) -> bool {
        let until = Instant::now().checked_add(timeout);
        let mut guard = locked(&self.waiting);
        while self.pending.load(Relaxed) > 0 {
            let left =
                until.map_or(timeout, |until| until.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return false;
            }
            guard =
                self.progress.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

/// A lock whose data holds even after a panic elsewhere.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn waiting(gauge: &AtomicI64) -> u64 {
    u64::try_from(gauge.load(Relaxed)).unwrap_or_default()
}

fn age(ts: Timestamp) -> f64 {
    Timestamp::now().duration_since(ts).as_secs_f64().max(0.0)
}

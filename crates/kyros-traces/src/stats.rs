//! What was done with spans, counted.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Counts of this process since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Spans that the receiver has taken.
    pub exported: u64,
    /// Spans that were dropped because the queue was full.
    pub dropped: u64,
    /// Spans that the receiver refused, or did not take in time.
    pub failed: u64,
    /// Spans of batches that the receiver took which it says it has not kept.
    pub rejected: u64,
    /// Spans that were left when the exporter was closed, or came later.
    pub abandoned: u64,
}

/// Is told what an exporter does.
#[derive(Clone)]
pub struct Observer(Arc<Tell>);

type Tell = dyn Fn(&Stats, &Stats) + Send + Sync;

impl Observer {
    /// Calls `tell` with the numbers that it got last in this process, all 0 at first, and with
    /// those of now, after each batch and whenever the exporter is told to publish. There is one
    /// call at a time, and whatever is counted is in exactly one difference. A child of `fork`
    /// begins at 0, as its numbers do. `tell` must not block, panic or use the exporter.
    pub fn new(tell: impl Fn(&Stats, &Stats) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// The counters behind [`Stats`], and a way to wait for them.
#[derive(Default)]
pub(crate) struct Counters {
    /// Spans that the queue has taken.
    accepted: AtomicU64,
    exported: AtomicU64,
    dropped: AtomicU64,
    failed: AtomicU64,
    rejected: AtomicU64,
    abandoned: AtomicU64,
    problem: Mutex<Option<String>>,
    waiting: Mutex<()>,
    progress: Condvar,
    observer: Option<Observer>,
    told: Mutex<Stats>,
}

impl Counters {
    pub(crate) fn new(observer: Option<Observer>) -> Self {
        Self { observer, ..Self::default() }
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            exported: self.exported.load(Relaxed),
            dropped: self.dropped.load(Relaxed),
            failed: self.failed.load(Relaxed),
            rejected: self.rejected.load(Relaxed),
            abandoned: self.abandoned.load(Relaxed),
        }
    }

    pub(crate) fn accept(&self) {
        self.accepted.fetch_add(1, Relaxed);
    }

    pub(crate) fn drop_one(&self) {
        self.dropped.fetch_add(1, Relaxed);
    }

    /// The receiver has taken so many spans.
    pub(crate) fn export(&self, count: u64) {
        *locked(&self.problem) = None;
        self.settle(&self.exported, count);
    }

    /// The receiver has kept none of so many spans, though it took their batch.
    pub(crate) fn reject(&self, count: u64, problem: String) {
        *locked(&self.problem) = Some(problem);
        self.settle(&self.rejected, count);
    }

    /// So many spans could not be delivered.
    pub(crate) fn fail(&self, count: u64, problem: String) {
        *locked(&self.problem) = Some(problem);
        self.settle(&self.failed, count);
    }

    /// Nobody is left to deliver so many spans.
    pub(crate) fn abandon(&self, count: u64) {
        self.settle(&self.abandoned, count);
    }

    pub(crate) fn set_problem(&self, problem: String) {
        *locked(&self.problem) = Some(problem);
    }

    /// What keeps spans from the receiver, if anything does.
    pub(crate) fn problem(&self) -> Option<String> {
        locked(&self.problem).clone()
    }

    /// Tells the observer how things stand.
    pub(crate) fn publish(&self) {
        if let Some(Observer(tell)) = &self.observer {
            let mut last = locked(&self.told);
            let now = self.stats();
            tell(&last, &now);
            *last = now;
        }
    }

    /// Waits until everything that the queue has taken by now is settled; false when the time was
    /// up before.
    pub(crate) fn wait_settled(&self, until: Instant) -> bool {
        let accepted = self.accepted.load(Relaxed);
        let mut guard = locked(&self.waiting);
        while self.settled() < accepted {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            guard = self.wait(guard, left);
        }
        true
    }

    fn wait<'a>(&'a self, guard: MutexGuard<'a, ()>, left: Duration) -> MutexGuard<'a, ()> {
        self.progress.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0
    }

    fn settled(&self) -> u64 {
        let Stats { exported, failed, rejected, abandoned, .. } = self.stats();
        exported + failed + rejected + abandoned
    }

    fn settle(&self, counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Relaxed);
        drop(locked(&self.waiting));
        self.progress.notify_all();
    }
}

/// A lock whose data holds even after a panic elsewhere.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! How often a process looks for idle series, and asks again for what it was refused.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::seconds;

/// Looks within the time after which a series counts as idle.
const LOOKS: u64 = 32;

/// Something that a process does every now and then.
#[derive(Debug)]
pub(crate) struct Interval {
    every: u64,
    begun: AtomicU64,
}

impl Interval {
    pub(crate) fn of(idle: Duration) -> Self {
        Self { every: idle.as_secs() / LOOKS, begun: AtomicU64::new(seconds()) }
    }

    /// Due at once, and so many seconds after each time.
    pub(crate) fn due(every: u64) -> Self {
        Self { every, begun: AtomicU64::new(0) }
    }

    pub(crate) fn is_due(&self) -> bool {
        seconds().saturating_sub(self.begun.load(Ordering::Relaxed)) >= self.every
    }

    pub(crate) fn begin(&self) {
        self.begun.store(seconds(), Ordering::Relaxed);
    }
}

//! How often a process looks for idle series, and asks again for what it was refused.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::arena::unix_seconds;

/// Looks within the time after which a series counts as idle.
const LOOKS: u64 = 32;

/// Something that a process does every now and then.
#[derive(Debug)]
pub(crate) struct Interval {
    seconds: u64,
    begun: AtomicU64,
}

impl Interval {
    pub(crate) fn of(idle: Duration) -> Self {
        Self { seconds: idle.as_secs() / LOOKS, begun: AtomicU64::new(unix_seconds()) }
    }

    /// Due at once, and so many seconds after each time.
    pub(crate) fn due(seconds: u64) -> Self {
        Self { seconds, begun: AtomicU64::new(0) }
    }

    pub(crate) fn is_due(&self) -> bool {
        unix_seconds().saturating_sub(self.begun.load(Ordering::Relaxed)) >= self.seconds
    }

    pub(crate) fn begin(&self) {
        self.begun.store(unix_seconds(), Ordering::Relaxed);
    }
}

//! The clock of intervals: nobody sets it back, and all processes of a machine have the same.

use rustix::time::{ClockId, clock_gettime};

/// Seconds since the machine was started.
pub(crate) fn seconds() -> u64 {
    clock_gettime(ClockId::Boottime).tv_sec.try_into().unwrap_or_default()
}

//! One at a time: among the threads of a process, and among the processes that share an arena.
//!
//! Only what makes or removes a series takes a turn. Nobody waits for the dead: the kernel takes a
//! dead process' lock back, and a child of `fork` finds that a turn which a thread of its parent
//! had is not its own. Nobody waits for the stopped either, but gives up after a while.

use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, fcntl_lock};

use super::unix_seconds;
use crate::atomic::yield_now;
use crate::turn::{Taken, Turn};

/// How long a process waits for the others.
const PATIENCE: Duration = Duration::from_millis(200);

/// For how long a process that has waited in vain doesn't wait again.
const RECOVERY_SECONDS: u64 = 5;
static GAVE_UP: AtomicU64 = AtomicU64::new(0);

/// The threads of this process take turns for all arenas together: the kernel's lock is the whole
/// process', whichever of its threads has it.
#[cfg(not(loom))]
static PROCESS: Turn = Turn::new();
#[cfg(loom)]
loom::lazy_static! {
    static ref PROCESS: Turn = Turn::new();
}

/// The turn among all processes that share a file, until it is dropped.
pub(crate) struct Locked<'a> {
    file: Option<BorrowedFd<'a>>,
    _taken: Taken<'a>,
}

/// Waits for the turn; none where others don't give it back.
pub(crate) fn lock(file: Option<BorrowedFd<'_>>) -> Option<Locked<'_>> {
    let mut locked = Locked { file: None, _taken: PROCESS.take() };
    if let Some(file) = file {
        wait(|| fcntl_lock(file, FlockOperation::NonBlockingLockExclusive).is_ok())?;
        locked.file = Some(file);
    }
    Some(locked)
}

/// Tries until it succeeds or patience is spent; just once, where it has been a while ago.
fn wait(succeeds: impl Fn() -> bool) -> Option<()> {
    let begun = Instant::now();
    let patience = if gave_up_lately() { Duration::ZERO } else { PATIENCE };
    while !succeeds() {
        if begun.elapsed() >= patience {
            GAVE_UP.store(unix_seconds(), Ordering::Relaxed);
            return None;
        }
        yield_now();
    }
    Some(())
}

fn gave_up_lately() -> bool {
    unix_seconds().saturating_sub(GAVE_UP.load(Ordering::Relaxed)) < RECOVERY_SECONDS
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        if let Some(file) = self.file {
            // Unlocking what this process has locked has no way to fail.
            let _ = fcntl_lock(file, FlockOperation::Unlock);
        }
    }
}

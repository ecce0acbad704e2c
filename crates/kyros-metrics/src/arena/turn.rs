//! One at a time: among the threads of a process, and among the processes that share an arena.
//!
//! Only what makes or removes a series takes a turn. Nobody waits for the dead: the kernel takes a
//! dead process' lock back, and a child of `fork` finds that a turn which a thread of its parent
//! had is not its own. Nobody waits for the stopped either: where no turn is given back for a while,
//! a process gives up, and doesn't wait again until one is.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, fcntl_lock};

use crate::atomic::{AtomicU64, Ordering};
use crate::turn::{Taken, Turn};

/// How long a process waits for one turn to be given back.
const PATIENCE: Duration = Duration::from_millis(200);
/// How long it waits while others are given theirs.
const LONGEST: Duration = Duration::from_secs(5);
/// Between two tries.
const PAUSE: Duration = Duration::from_micros(50);

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

/// Waits for the turn; none where others don't give it back. `turns` counts how often one was given
/// back, and `stuck` keeps that count, and one, where this process has waited in vain.
pub(super) fn lock<'a>(
    file: Option<BorrowedFd<'a>>,
    turns: &AtomicU64,
    stuck: &AtomicU64,
) -> Option<Locked<'a>> {
    let mut locked = Locked { file: None, _taken: PROCESS.take() };
    if let Some(file) = file {
        let succeeds = || fcntl_lock(file, FlockOperation::NonBlockingLockExclusive).is_ok();
        let turns = || turns.load(Ordering::Relaxed).wrapping_add(1);
        if let Err(turn) = wait(succeeds, turns, stuck.load(Ordering::Relaxed)) {
            stuck.store(turn, Ordering::Relaxed);
            return None;
        }
        locked.file = Some(file);
    }
    Some(locked)
}

/// Tries until it succeeds; the turn at which patience was spent, otherwise.
fn wait(succeeds: impl Fn() -> bool, turns: impl Fn() -> u64, stuck: u64) -> Result<(), u64> {
    let (begun, mut turn, mut since) = (Instant::now(), turns(), Instant::now());
    while !succeeds() {
        let now = turns();
        if now != turn {
            (turn, since) = (now, Instant::now());
        }
        if turn == stuck || since.elapsed() >= PATIENCE || begun.elapsed() >= LONGEST {
            return Err(turn);
        }
        pause();
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "whoever has the turn needs the processor")]
fn pause() {
    std::thread::sleep(PAUSE);
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        if let Some(file) = self.file {
            // Unlocking what this process has locked has no way to fail.
            let _ = fcntl_lock(file, FlockOperation::Unlock);
        }
    }
}

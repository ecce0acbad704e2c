//! Workers: the processes that share an arena, each with a small number.
//!
//! Who is alive is the kernel's to say: a slot names a process and when it was started, so neither
//! a dead process nor another one with its number is taken for the worker.

use crate::atomic::{AtomicU64, Ordering};
use crate::process::started;

/// The most workers.
pub(crate) const MOST: usize = if cfg!(loom) { 2 } else { 128 };
/// Cells of a slot: process and start.
pub(super) const SLOT: usize = 2;

/// A process that shares the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Worker {
    /// Its number: the same for a worker and the one that replaces it.
    pub(crate) ordinal: usize,
    /// The process.
    pub(crate) pid: u32,
}

/// Takes the slot of this process, or the first one whose process is gone.
pub(super) fn claim(slots: &[AtomicU64]) -> Option<Worker> {
    let pid = std::process::id();
    let started = started(pid)?;
    let free = |slot: &[AtomicU64]| living(slot).is_none_or(|alive| alive == pid);
    let (ordinal, slot) = slots.chunks_exact(SLOT).enumerate().find(|(_, slot)| free(slot))?;
    for (cell, value) in slot.iter().zip([u64::from(pid), started]) {
        cell.store(value, Ordering::Relaxed);
    }
    Some(Worker { ordinal, pid })
}

/// Whether a slot still says that it is this process'.
pub(super) fn has(slots: &[AtomicU64], ordinal: usize, pid: u32) -> bool {
    let slot = slots.get(ordinal * SLOT);
    slot.is_some_and(|slot| slot.load(Ordering::Relaxed) == u64::from(pid))
}

/// All workers that are alive.
pub(super) fn all(slots: &[AtomicU64]) -> Vec<Worker> {
    let slots = slots.chunks_exact(SLOT).enumerate();
    slots.filter_map(|(ordinal, slot)| Some(Worker { ordinal, pid: living(slot)? })).collect()
}

/// The process of a slot, if it is alive.
fn living(slot: &[AtomicU64]) -> Option<u32> {
    let [pid, begun] = slot else { return None };
    let pid = u32::try_from(pid.load(Ordering::Relaxed)).ok().filter(|pid| *pid != 0)?;
    (started(pid) == Some(begun.load(Ordering::Relaxed))).then_some(pid)
}

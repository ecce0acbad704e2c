//! Exemplars: for each bucket or counter, the last trace that went into it.
//!
//! One slot is five cells under a sequence lock. A writer that finds the slot taken gives up, so
//! nobody waits; a reader that meets a writer skips the exemplar for this scrape.

use std::sync::atomic::{Ordering, fence};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cells::Cells;

/// A trace that explains a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exemplar {
    /// The W3C trace id; an id of zeros is no trace and is not kept.
    pub trace_id: [u8; 16],
    /// When, in milliseconds since the Unix epoch.
    pub unix_ms: u64,
}

impl Exemplar {
    /// An exemplar at a time of the system clock.
    pub fn new(trace_id: [u8; 16], at: SystemTime) -> Self {
        let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { trace_id, unix_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX) }
    }
}

/// The cells of one slot.
pub(crate) const SLOT: usize = 5;

/// An exemplar as it was kept, with the value of its sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Kept {
    pub(crate) exemplar: Exemplar,
    pub(crate) value: f64,
}

/// Keeps an exemplar in slot `slot`, unless another thread is just doing that.
pub(crate) fn keep(cells: &Cells, slot: usize, value: f64, exemplar: Exemplar) {
    let sequence = cells.at(slot * SLOT);
    let before = sequence.load(Ordering::Relaxed);
    let free = before.is_multiple_of(2) && exemplar.trace_id != [0; 16];
    let claim =
        || sequence.compare_exchange(before, before + 1, Ordering::Acquire, Ordering::Relaxed);
    if !free || claim().is_err() {
        return;
    }
    fence(Ordering::Release);
    let (high, low) = exemplar.trace_id.split_at(8);
    for (word, at) in [word(high), word(low), value.to_bits(), exemplar.unix_ms].iter().zip(1..) {
        cells.store(slot * SLOT + at, *word);
    }
    sequence.store(before + 2, Ordering::Release);
}

/// The exemplar of a slot, if it has one and nobody is writing it.
pub(crate) fn read(cells: &Cells, slot: usize) -> Option<Kept> {
    let sequence = cells.at(slot * SLOT);
    let before = sequence.load(Ordering::Acquire);
    let [high, low, value, unix_ms] = [1, 2, 3, 4].map(|at| cells.load(slot * SLOT + at));
    fence(Ordering::Acquire);
    let still = sequence.load(Ordering::Relaxed) == before;
    let whole = before > 0 && before.is_multiple_of(2) && still;
    let trace_id = ((u128::from(high) << 64) | u128::from(low)).to_be_bytes();
    let kept = Kept { exemplar: Exemplar { trace_id, unix_ms }, value: f64::from_bits(value) };
    whole.then_some(kept)
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scrape is too slow to meet a writer often, so this reads the slot itself.
    #[test]
    fn a_reader_never_sees_half_an_exemplar() {
        let cells = Cells::zeroed(2 * SLOT);
        let write = |byte: u8| {
            let exemplar = Exemplar { trace_id: [byte; 16], unix_ms: byte.into() };
            keep(&cells, 1, byte.into(), exemplar);
        };
        std::thread::scope(|scope| {
            let write_all = || (0..3_000).for_each(|_| (1..=255).for_each(write));
            let writers = [0, 1].map(|_| scope.spawn(write_all));
            while !writers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
                read(&cells, 1).into_iter().for_each(check_whole);
            }
        });
        check_whole(read(&cells, 1).unwrap());
        assert_eq!(read(&cells, 0), None);
    }

    #[expect(clippy::float_cmp, reason = "kept as it was given")]
    fn check_whole(kept: Kept) {
        let byte = kept.exemplar.trace_id[0];
        assert_eq!(kept.exemplar, Exemplar { trace_id: [byte; 16], unix_ms: byte.into() });
        assert_eq!(kept.value, f64::from(byte));
    }
}

//! Exemplars: for each bucket or counter, the last trace that went into it.
//!
//! One slot is four cells under a sequence lock that tells since when it is taken. A writer that
//! finds the slot taken gives up, so nobody waits; a reader that meets a writer skips the exemplar
//! for this scrape. A slot that a dead process has left taken is taken over after a while.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::atomic::{Ordering, fence};
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

/// The cells of one slot: sequence, trace, value.
pub(crate) const SLOT: usize = 4;

/// An exemplar as it was kept, with the value of its sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Kept {
    pub(crate) exemplar: Exemplar,
    pub(crate) value: f64,
}

/// The first cell of a slot: when it was written in milliseconds, how often within that
/// millisecond it was, and whether it is being written.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sequence(u64);

const TIMES_BITS: u32 = 21;
const TIMES: u64 = (1 << TIMES_BITS) - 1;
/// How long a writer may take before it counts as dead.
const PATIENCE_MS: u64 = 10_000;

impl Sequence {
    fn written_ms(self) -> u64 {
        self.0 >> (TIMES_BITS + 1)
    }

    fn is_taken(self) -> bool {
        self.0 & 1 == 1
    }

    /// The next sequence, taken.
    fn taken_at(self, unix_ms: u64) -> Self {
        let times = ((self.0 >> 1) & TIMES).wrapping_add(1) & TIMES;
        Self((unix_ms << (TIMES_BITS + 1)) | (times << 1) | 1)
    }

    fn given_back(self) -> Self {
        Self(self.0 & !1)
    }
}

/// Keeps an exemplar in the slot at a cell, unless another writer is just doing that.
pub(crate) fn keep(cells: &Cells, slot: usize, value: f64, exemplar: Exemplar) {
    let sequence = cells.at(slot);
    let before = Sequence(sequence.load(Ordering::Relaxed));
    let waits = before.is_taken() && exemplar.unix_ms < before.written_ms() + PATIENCE_MS;
    let taken = before.taken_at(exemplar.unix_ms);
    let claim =
        || sequence.compare_exchange(before.0, taken.0, Ordering::Acquire, Ordering::Relaxed);
    if waits || exemplar.trace_id == [0; 16] || claim().is_err() {
        return;
    }
    fence(Ordering::Release);
    let (high, low) = exemplar.trace_id.split_at(8);
    for (word, at) in [word(high), word(low), value.to_bits()].iter().zip(1..) {
        cells.store(slot + at, *word);
    }
    let back = taken.given_back().0;
    let _ = sequence.compare_exchange(taken.0, back, Ordering::Release, Ordering::Relaxed);
}

/// The exemplar of a slot, if it has one and nobody is writing it.
pub(crate) fn read(cells: &Cells, slot: usize) -> Option<Kept> {
    let sequence = cells.at(slot);
    let before = Sequence(sequence.load(Ordering::Acquire));
    let [high, low, value] = [1, 2, 3].map(|at| cells.load(slot + at));
    fence(Ordering::Acquire);
    let still = sequence.load(Ordering::Relaxed) == before.0;
    let whole = before.0 > 0 && !before.is_taken() && still;
    let trace_id = ((u128::from(high) << 64) | u128::from(low)).to_be_bytes();
    let exemplar = Exemplar { trace_id, unix_ms: before.written_ms() };
    whole.then_some(Kept { exemplar, value: f64::from_bits(value) })
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte))
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// A scrape is too slow to meet a writer often, so this reads the slot itself.
    #[test]
    fn a_reader_never_sees_half_an_exemplar() {
        let cells = Cells::zeroed(2 * SLOT);
        let write = |byte: u8| {
            let exemplar = Exemplar { trace_id: [byte; 16], unix_ms: byte.into() };
            keep(&cells, SLOT, byte.into(), exemplar);
        };
        std::thread::scope(|scope| {
            let write_all = || (0..3_000).for_each(|_| (1..=255).for_each(write));
            let writers = [0, 1].map(|_| scope.spawn(write_all));
            while !writers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
                read(&cells, SLOT).into_iter().for_each(check_whole);
            }
        });
        check_whole(read(&cells, SLOT).unwrap());
        assert_eq!(read(&cells, 0), None);
    }

    #[test]
    fn a_slot_that_a_dead_writer_left_taken_is_taken_over() {
        let cells = Cells::zeroed(SLOT);
        cells.store(0, Sequence(0).taken_at(1_000).0);
        let exemplar = |unix_ms| Exemplar { trace_id: [7; 16], unix_ms };
        keep(&cells, 0, 1.0, exemplar(1_000 + PATIENCE_MS - 1));
        assert_eq!(read(&cells, 0), None);
        keep(&cells, 0, 1.0, exemplar(1_000 + PATIENCE_MS));
        assert_eq!(read(&cells, 0).unwrap().exemplar, exemplar(1_000 + PATIENCE_MS));
    }

    #[expect(clippy::float_cmp, reason = "kept as it was given")]
    fn check_whole(kept: Kept) {
        let byte = kept.exemplar.trace_id[0];
        assert_eq!(kept.exemplar, Exemplar { trace_id: [byte; 16], unix_ms: byte.into() });
        assert_eq!(kept.value, f64::from(byte));
    }
}

#[cfg(all(test, loom))]
mod models {
    use loom::sync::Arc;
    use loom::thread::spawn;

    use super::*;
    use crate::atomic::explore;

    /// Two writers and a reader at a slot that begins so: what is read is one of theirs, and whole.
    fn check(sequence: Sequence) {
        explore(2, move || {
            let cells = Arc::new(Cells::zeroed(SLOT));
            cells.at(0).store(sequence.0, Ordering::Relaxed);
            let writers = [1, 2].map(|byte| {
                let cells = Arc::clone(&cells);
                spawn(move || keep(&cells, 0, byte.into(), exemplar(byte)))
            });
            let reader = {
                let cells = Arc::clone(&cells);
                spawn(move || read(&cells, 0).into_iter().for_each(check_whole))
            };
            reader.join().unwrap();
            writers.into_iter().for_each(|writer| writer.join().unwrap());
            check_whole(read(&cells, 0).unwrap());
        });
    }

    #[test]
    fn a_reader_sees_no_exemplar_or_a_whole_one() {
        check(Sequence(0));
    }

    #[test]
    fn a_slot_that_a_dead_writer_left_is_taken_over_by_one() {
        check(Sequence(0).taken_at(1));
    }

    /// Both at the same time, long after the dead one's.
    fn exemplar(byte: u8) -> Exemplar {
        Exemplar { trace_id: [byte; 16], unix_ms: 2 * PATIENCE_MS }
    }

    #[expect(clippy::float_cmp, reason = "kept as it was given")]
    fn check_whole(kept: Kept) {
        let byte = kept.exemplar.trace_id[0];
        assert_eq!(kept.exemplar, exemplar(byte));
        assert_eq!(kept.value, f64::from(byte));
    }
}

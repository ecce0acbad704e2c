//! A record of the arena: a family's declaration or one series.
//!
//! In cells: mark and size; state; family; length of the text and number of values; use; death; the
//! text, eight bytes a cell; the values. A record is written before it is published, and then only
//! state, use and values change. All that is read is checked: another process may have written
//! anything.

use std::sync::Arc;

use crate::atomic::{AtomicU64, Ordering, fence};
use crate::cells::{CELL, Cells, Memory};

/// In the upper half of a record's first cell, above its size and mixed with it, so that another
/// size doesn't hide the records behind.
const MARK: u64 = 0x6b79_726f << 32;
const MIX: u64 = 0x9e37_79b9;
const LOW: u64 = 0xffff_ffff;
const STATE: usize = 1;
const FAMILY: usize = 2;
const SHAPE: usize = 3;
const USE: usize = 4;
const DIED: usize = 5;
/// Cells before the text.
const HEADER: usize = 6;

/// The most values of a record: buckets with their exemplars.
const MOST_VALUES: usize = 4096;
/// The longest text in bytes: a declaration with a long help.
const LONGEST: usize = 64 << 10;

/// What a record is; the lowest bits of its state, under the number of its lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its place may be used again.
    Dead = 0,
    /// The declaration of a family.
    Family = 1,
    /// A series whose values are everybody's.
    Series = 2,
    /// A series with a value of each worker.
    Gauge = 3,
}

const KINDS: [Kind; 4] = [Kind::Dead, Kind::Family, Kind::Series, Kind::Gauge];
const KIND_MASK: u64 = 3;
const LIFE: u64 = KIND_MASK + 1;

/// What the use cell of a series says, where it is no time: since that second nobody has used it.
const USED: u64 = 1;
const KEPT: u64 = u64::MAX;

/// What a record is to hold.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) kind: Kind,
    /// The key of the family that it declares or belongs to.
    pub(crate) family: u64,
    pub(crate) text: &'a [u8],
    pub(crate) values: usize,
}

impl Draft<'_> {
    /// How many cells it takes; nothing where it is too large.
    pub(super) fn size(&self) -> Option<usize> {
        let fits = self.text.len() <= LONGEST && self.values <= MOST_VALUES;
        fits.then(|| values_at(self.text.len()) + self.values)
    }
}

/// A record, as it was when it was read.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    cells: Cells,
    /// While its state is this, it is the same record.
    state: u64,
    pub(crate) kind: Kind,
    pub(crate) family: u64,
    text: usize,
    values: usize,
}

impl Record {
    /// The record at a place, if there is a sound one, and where the next one is.
    pub(super) fn read(memory: &Arc<Memory>, at: usize, end: usize) -> Option<(Self, usize)> {
        let first = memory.cells().get(at)?.load(Ordering::Relaxed);
        let size = usize::try_from(first & LOW).ok()?;
        let next = at.checked_add(size).filter(|next| *next <= end)?;
        if first != marked(size) || size < HEADER {
            return None;
        }
        Some((Self::within(Cells::of(memory, at, size)?)?, next))
    }

    fn within(cells: Cells) -> Option<Self> {
        let state = cells.at(STATE).load(Ordering::Acquire);
        let (shape, family) = (cells.load(SHAPE), cells.load(FAMILY));
        let text = usize::try_from(shape & LOW).ok()?;
        let values = usize::try_from(shape >> 32).ok()?;
        let sound = text <= LONGEST
            && values <= MOST_VALUES
            && values_at(text) + values <= cells.all().len();
        let kind = KINDS.into_iter().find(|kind| *kind as u64 == state & KIND_MASK)?;
        sound.then_some(Self { cells, state, kind, family, text, values })
    }

    /// Writes a draft into cells that nobody reads yet, or whose record is dead.
    pub(super) fn write(cells: Cells, draft: &Draft<'_>) -> Option<Self> {
        let state = (cells.load(STATE) & !KIND_MASK).wrapping_add(LIFE);
        cells.store(STATE, state | Kind::Dead as u64);
        fence(Ordering::Release);
        cells.store(FAMILY, draft.family);
        cells.store(SHAPE, ((draft.values as u64) << 32) | draft.text.len() as u64);
        cells.store(USE, USED);
        cells.store(DIED, 0);
        let words = draft.text.chunks(CELL).map(word).chain(std::iter::repeat(0));
        for (cell, word) in cells.all().iter().skip(HEADER).zip(words) {
            cell.store(word, Ordering::Relaxed);
        }
        cells.store(0, marked(cells.all().len()));
        cells.at(STATE).store(state | draft.kind as u64, Ordering::Release);
        Self::within(cells)
    }

    /// A record without text that nobody finds and whose place others have by now, as it seems.
    pub(crate) fn apart(draft: &Draft<'_>) -> Self {
        let cells = Cells::zeroed(HEADER + draft.values);
        let Draft { kind, family, values, .. } = *draft;
        Self { cells, state: LIFE, kind, family, text: 0, values }
    }

    /// Its text; nothing where the record has died.
    pub(crate) fn text(&self) -> Option<Vec<u8>> {
        let cells = self.cells.all().iter().skip(HEADER).take(self.text.div_ceil(CELL));
        let mut text: Vec<u8> =
            cells.flat_map(|cell| cell.load(Ordering::Relaxed).to_le_bytes()).collect();
        text.truncate(self.text);
        fence(Ordering::Acquire);
        self.is_current().then_some(text)
    }

    /// The run that its values are in, and where they begin there.
    pub(crate) fn cells(&self) -> (&Cells, usize) {
        (&self.cells, values_at(self.text))
    }

    /// One of its values; there are as many as [`Self::values`] says.
    pub(crate) fn value(&self, at: usize) -> &AtomicU64 {
        self.cells.at(values_at(self.text) + at)
    }

    /// How many values it has.
    pub(crate) fn values(&self) -> usize {
        self.values
    }

    /// Whether it is a series.
    pub(crate) fn is_series(&self) -> bool {
        matches!(self.kind, Kind::Series | Kind::Gauge)
    }

    /// Whether it still is the record that was read.
    pub(crate) fn is_current(&self) -> bool {
        self.cells.at(STATE).load(Ordering::Relaxed) == self.state
    }
}

/// Its use, and its end.
impl Record {
    /// Notes that it is used.
    pub(crate) fn touch(&self) {
        let known = self.cells.load(USE);
        if !matches!(known, USED | KEPT) {
            self.change_use(known, USED);
        }
    }

    /// Keeps it from ever counting as idle.
    pub(crate) fn keep(&self) {
        self.cells.store(USE, KEPT);
    }

    /// Notes the time, if it has been used since it was last noted.
    pub(crate) fn note_idle(&self, now: u64) {
        let _ = self.idle_since(now);
    }

    /// Since when nobody has used it, as far as earlier questions tell; this question is the first
    /// where somebody has.
    pub(super) fn idle_since(&self, now: u64) -> Option<u64> {
        match self.cells.load(USE) {
            KEPT => None,
            USED => {
                self.change_use(USED, now);
                None
            }
            since => Some(since),
        }
    }

    /// Another one may have kept it meanwhile.
    fn change_use(&self, from: u64, to: u64) {
        let cell = self.cells.at(USE);
        let _ = cell.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Gives its place up, from that second on.
    pub(super) fn kill(&self, now: u64) {
        self.cells.store(DIED, now);
        let dead = (self.state & !KIND_MASK) | Kind::Dead as u64;
        self.cells.at(STATE).store(dead, Ordering::Release);
    }

    /// Whether its place may be taken by a record of that size: it has been dead for long enough
    /// that nobody can still be adding to it, and is not much too large.
    pub(super) fn is_free_for(&self, size: usize, now: u64) -> bool {
        let cells = self.cells.all().len();
        let rested = now.saturating_sub(self.cells.load(DIED)) >= REST_SECONDS;
        self.kind == Kind::Dead && (size..=2 * size).contains(&cells) && rested
    }

    /// All its cells.
    pub(super) fn into_cells(self) -> Cells {
        self.cells
    }
}

/// How long the place of a dead record rests; an update that has found its series takes
/// microseconds.
const REST_SECONDS: u64 = 60;

fn marked(size: usize) -> u64 {
    MARK ^ ((size as u64).wrapping_mul(MIX) << 32) | size as u64
}

fn values_at(text: usize) -> usize {
    HEADER + text.div_ceil(CELL)
}

fn word(chunk: &[u8]) -> u64 {
    chunk.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte))
}

//! The series of one family by their label values.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::governor::{Census, Governor, Grant, Placement};
use crate::scrub::{self, Scrub};
use crate::series::{Shape, Stored};
use crate::turn::Turn;

/// The series of one family. Finding one takes no lock; storing one replaces all entries at once.
#[derive(Debug)]
pub(crate) struct Directory {
    shape: Arc<Shape>,
    governor: Governor,
    scrub: Scrub,
    hasher: RandomState,
    entries: ArcSwap<Entries>,
    turn: Turn,
}

#[derive(Clone, Debug, Default)]
struct Entries {
    table: HashTable<Arc<Stored>>,
    census: Census,
}

/// A series, and whether it has just the label values asked for.
pub(crate) struct Found {
    pub(crate) stored: Arc<Stored>,
    pub(crate) exact: bool,
}

impl Directory {
    pub(crate) fn new(shape: Arc<Shape>, governor: Governor, scrub: Scrub) -> Self {
        let (hasher, entries) = (RandomState::default(), ArcSwap::default());
        Self { shape, governor, scrub, hasher, entries, turn: Turn::default() }
    }

    /// The series for the label values; a new one if there is room.
    pub(crate) fn find(&self, values: &[&str]) -> Found {
        match self.read(|entries| self.known(entries, values)) {
            Some(stored) => Found { stored, exact: true },
            None => self.find_clean(values),
        }
    }

    /// The same for what remains of the values.
    fn find_clean(&self, values: &[&str]) -> Found {
        let clean = scrub::values(self.scrub, self.shape.labels.len(), values);
        let values: Vec<_> = clean.iter().map(AsRef::as_ref).collect();
        let stored = match self.read(|entries| self.place(entries, &values)) {
            Placement::Known(stored) => stored,
            Placement::New(_) => self.store(&values),
        };
        let exact = is(&stored, &values);
        Found { stored, exact }
    }

    /// Asks again when it has the turn, since another thread may have taken the room.
    fn store(&self, values: &[&str]) -> Arc<Stored> {
        let _taken = self.turn.take();
        let entries = self.entries.load();
        match self.place(&entries, values) {
            Placement::Known(stored) => stored,
            Placement::New(grant) => self.insert(Entries::clone(&entries), grant),
        }
    }

    fn insert(&self, mut entries: Entries, grant: Grant) -> Arc<Stored> {
        let stored = Arc::new(Stored::create(&self.shape, grant));
        entries.census.enter(&stored.values);
        let rehash = |stored: &Arc<Stored>| self.hash(stored.values.iter().map(AsRef::as_ref));
        entries.table.insert_unique(rehash(&stored), Arc::clone(&stored), rehash);
        self.entries.store(Arc::new(entries));
        stored
    }

    fn place(&self, entries: &Entries, values: &[&str]) -> Placement<Arc<Stored>> {
        self.governor.place(&entries.census, values, |values| self.known(entries, values))
    }

    fn known(&self, entries: &Entries, values: &[&str]) -> Option<Arc<Stored>> {
        let hash = self.hash(values.iter().copied());
        entries.table.find(hash, |stored| is(stored, values)).cloned()
    }

    fn hash<'v>(&self, values: impl Iterator<Item = &'v str>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for value in values {
            hasher.write(value.as_bytes());
            hasher.write_u8(0xff);
        }
        hasher.finish()
    }

    /// All series in the order of their label values.
    pub(crate) fn sorted(&self) -> Vec<Arc<Stored>> {
        let mut all: Vec<_> = self.read(|entries| entries.table.iter().cloned().collect());
        all.sort_unstable_by(|a, b| a.values.cmp(&b.values));
        all
    }

    pub(crate) fn len(&self) -> usize {
        self.read(|entries| entries.table.len())
    }

    pub(crate) fn budget(&self) -> usize {
        self.governor.budget()
    }

    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    fn read<T>(&self, look: impl FnOnce(&Entries) -> T) -> T {
        look(&self.entries.load())
    }
}

fn is(stored: &Stored, values: &[&str]) -> bool {
    stored.values.iter().map(AsRef::as_ref).eq(values.iter().copied())
}

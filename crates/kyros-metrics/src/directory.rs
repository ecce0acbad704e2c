//! The series of one family by their label values, as far as its log has been read.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::arena::Position;
use crate::governor::{Census, Governor, Placement, is_whole};
use crate::series::Stored;

/// The series of one family at a position of the log. It doesn't change: the next one takes its
/// place.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// None before the first reading.
    pub(crate) read: Option<Position>,
    series: Arc<Table>,
}

#[derive(Debug, Default)]
struct Table {
    hasher: RandomState,
    known: HashTable<Arc<Stored>>,
    census: Census,
    sorted: ArcSwapOption<Vec<Arc<Stored>>>,
}

impl Directory {
    /// The same further on in the log, where no series of the family came.
    pub(crate) fn moved(&self, read: Position) -> Self {
        Self { read: Some(read), series: Arc::clone(&self.series) }
    }

    /// A directory with further series; with these alone, where `anew`. Of two with the same
    /// label values the first that is alive stays.
    pub(crate) fn with(
        &self,
        governor: &Governor,
        anew: bool,
        more: Vec<Stored>,
        read: Position,
    ) -> Self {
        let mut table = if anew { Table::default() } else { self.series.copy() };
        for stored in more {
            table.insert(governor, Arc::new(stored));
        }
        Self { read: Some(read), series: Arc::new(table) }
    }

    /// The series with just these label values.
    pub(crate) fn find(&self, values: &[&str]) -> Option<Arc<Stored>> {
        let found = if values.iter().all(|value| is_whole(value)) {
            self.series.find(values)
        } else {
            None
        };
        found.filter(|stored| stored.is_current()).cloned()
    }

    /// Whether a series has the value in a label.
    pub(crate) fn knows(&self, label: usize, value: &str) -> bool {
        is_whole(value) && self.series.census.knows(label, value)
    }

    /// Where samples with these label values belong.
    pub(crate) fn place(&self, governor: &Governor, values: &[&str]) -> Placement<Arc<Stored>> {
        governor.place(&self.series.census, values, |values| self.find(values))
    }

    /// All series in the order of their label values.
    pub(crate) fn sorted(&self) -> Arc<Vec<Arc<Stored>>> {
        let known = self.series.sorted.load_full();
        known.unwrap_or_else(|| {
            let mut all: Vec<_> = self.series.known.iter().cloned().collect();
            all.sort_unstable_by(|a, b| a.values.cmp(&b.values));
            let all = Arc::new(all);
            self.series.sorted.store(Some(Arc::clone(&all)));
            all
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.series.known.len()
    }
}

impl Table {
    fn copy(&self) -> Self {
        Self {
            hasher: self.hasher.clone(),
            known: self.known.clone(),
            census: self.census.clone(),
            sorted: ArcSwapOption::empty(),
        }
    }

    fn insert(&mut self, governor: &Governor, stored: Arc<Stored>) {
        let hash = |stored: &Arc<Stored>| hash(&self.hasher, stored.values.iter());
        let same = |known: &Arc<Stored>| known.values == stored.values;
        match self.known.entry(hash(&stored), same, hash) {
            Entry::Occupied(known) if known.get().is_current() => {}
            Entry::Occupied(mut known) => *known.get_mut() = stored,
            Entry::Vacant(place) => {
                self.census.enter(governor, &stored.values);
                place.insert(stored);
            }
        }
    }

    fn find(&self, values: &[impl AsRef<str>]) -> Option<&Arc<Stored>> {
        self.known.find(hash(&self.hasher, values.iter()), |stored| is(&stored.values, values))
    }
}

/// Whether label values are just these.
pub(crate) fn is(known: &[Box<str>], values: &[impl AsRef<str>]) -> bool {
    known.iter().map(AsRef::as_ref).eq(values.iter().map(AsRef::as_ref))
}

fn hash<'v>(hasher: &RandomState, values: impl Iterator<Item = &'v (impl AsRef<str> + 'v)>) -> u64 {
    let mut hasher = hasher.build_hasher();
    for value in values {
        hasher.write(value.as_ref().as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

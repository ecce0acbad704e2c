//! What a dead process left behind.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::row;
use crate::spool::{Batch, Home, Outbox};

/// A dead process' home, being emptied.
pub(super) struct Orphan {
    home: Home,
    outbox: Outbox,
    sizes: BTreeMap<u64, u64>,
    /// Events that are still in it.
    pub(super) left: usize,
    /// When the first of those happened.
    pub(super) oldest: Option<Timestamp>,
}

impl Orphan {
    /// All there are in a spool. One that can't be read is left to a later look.
    pub(super) fn all(spool: &Path) -> io::Result<Vec<Self>> {
        let homes = Home::orphans(spool)?;
        Ok(homes.into_iter().filter_map(|home| Self::new(home).ok()).collect())
    }

    pub(super) fn read(&self) -> io::Result<Batch> {
        self.outbox.read(self.outbox.cursor(), &self.sizes)
    }

    pub(super) fn confirm(&mut self, batch: &Batch) -> io::Result<()> {
        self.left = self.left.saturating_sub(batch.rows.len());
        self.outbox.confirm(batch)
    }

    /// Deletes the emptied home, but for what was damaged.
    pub(super) fn bury(self) -> io::Result<()> {
        self.outbox.keep_damaged()?;
        self.home.remove()
    }

    fn new(home: Home) -> io::Result<Self> {
        let outbox = Outbox::open(home.path());
        let sizes = home.segments()?;
        let (left, first) = outbox.survey(&sizes)?;
        let oldest = first.and_then(|text| row::happened(&text));
        Ok(Self { home, outbox, sizes, left, oldest })
    }
}

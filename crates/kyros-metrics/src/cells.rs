//! Where values live: runs of 64-bit atomic cells.
//!
//! This is the only place that knows what memory they are in, so that a mapping shared by several
//! processes can take the heap's place. Relaxed order suffices: a scrape adds up independent cells.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A run of cells, shared by all who hold it.
#[derive(Clone, Debug)]
pub(crate) struct Cells(Arc<[AtomicU64]>);

impl Cells {
    /// A run of `count` cells at 0.
    pub(crate) fn zeroed(count: usize) -> Self {
        Self((0..count).map(|_| AtomicU64::new(0)).collect())
    }

    /// The cell itself, for protocols that order their accesses.
    pub(crate) fn at(&self, at: usize) -> &AtomicU64 {
        &self.0[at]
    }

    pub(crate) fn add(&self, at: usize, amount: u64) {
        self.at(at).fetch_add(amount, Ordering::Relaxed);
    }

    pub(crate) fn load(&self, at: usize) -> u64 {
        self.at(at).load(Ordering::Relaxed)
    }

    pub(crate) fn store(&self, at: usize, value: u64) {
        self.at(at).store(value, Ordering::Relaxed);
    }

    /// Stores what is more than the cell holds.
    pub(crate) fn raise(&self, at: usize, value: u64) {
        self.at(at).fetch_max(value, Ordering::Relaxed);
    }

    /// Adds to a cell that holds a float.
    pub(crate) fn add_float(&self, at: usize, amount: f64) {
        let added = |bits| Some((f64::from_bits(bits) + amount).to_bits());
        let _ = self.at(at).fetch_update(Ordering::Relaxed, Ordering::Relaxed, added);
    }
}

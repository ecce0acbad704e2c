//! Samples that could be placed nowhere yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::series::{Shape, Stored};

/// A family's samples in this process that came while there was neither turn nor memory: they wait
/// until they can go into the overflow series.
#[derive(Debug)]
pub(crate) struct Apart {
    stored: Arc<Stored>,
    /// Whose samples they are: a child of `fork` has a copy of what its parent will bring in.
    process: AtomicU32,
}

impl Apart {
    pub(crate) fn new(shape: &Arc<Shape>, values: &[&str]) -> Self {
        Self { stored: Arc::new(Stored::apart(shape, values)), process: AtomicU32::new(0) }
    }

    /// Lets go of what the parent of this process will bring in.
    pub(crate) fn disown(&self) {
        self.process.store(std::process::id(), Ordering::Relaxed);
        self.stored.clear();
    }

    /// The series for one more sample.
    pub(crate) fn stored(&self) -> Arc<Stored> {
        let me = std::process::id();
        if self.process.swap(me, Ordering::Relaxed) != me {
            self.stored.clear();
        }
        Arc::clone(&self.stored)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.process.load(Ordering::Relaxed) != std::process::id() || self.stored.is_zero()
    }

    pub(crate) fn pour_into(&self, other: &Stored) {
        self.stored.pour_into(other);
    }
}

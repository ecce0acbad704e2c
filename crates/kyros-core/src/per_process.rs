//! State that belongs to one process.

use std::sync::OnceLock;

/// State of the process that made it; a child of `fork` starts with fresh state. A lock that a
/// thread of the parent held at that moment would never be given back in the child.
#[derive(Default)]
pub(crate) struct PerProcess<T> {
    own: T,
    child: OnceLock<Box<Self>>,
}

impl<T: Default> PerProcess<T> {
    /// The state of the process that is running.
    pub(crate) fn get(&self) -> &T {
        &self.newest().own
    }

    /// To be called in a child.
    pub(crate) fn after_fork(&self) {
        self.newest().child.get_or_init(Box::default);
    }

    fn newest(&self) -> &Self {
        let mut newest = self;
        while let Some(child) = newest.child.get() {
            newest = child;
        }
        newest
    }
}

//! Telling somebody else what the trail does.

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::Stats;
use crate::stats::locked;

/// Is told what a trail does, right after it was done.
#[derive(Clone)]
pub struct Observer(Arc<Tell>);

type Tell = dyn Fn(&Stats, &Stats) + Send + Sync;

impl Observer {
    /// Calls `tell` with the numbers that it got last in this process, all 0 at first, and with
    /// those of now. There is one call at a time, and the first numbers of a call are the second of
    /// the one before: whatever the trail counts is in exactly one difference. A child of `fork`
    /// begins at 0, as its numbers do.
    ///
    /// The calls come from the threads that record and from the writer's own, and keep the others
    /// waiting: `tell` must not block, panic or use the trail. To hold on to the trail's owner it
    /// needs a `Weak`, or the owner is never dropped.
    pub fn new(tell: impl Fn(&Stats, &Stats) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// What the observer knows of one process.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) observer: Option<Observer>,
    last: Mutex<Stats>,
}

impl Told {
    pub(crate) fn new(observer: Option<Observer>) -> Self {
        Self { observer, last: Mutex::default() }
    }

    /// Tells how things stand. The numbers are read in turn, so that none is older than the last.
    pub(crate) fn tell(&self, read: impl FnOnce() -> Stats) {
        if let Some(Observer(tell)) = &self.observer {
            let mut last = locked(&self.last);
            let now = read();
            tell(&last, &now);
            *last = now;
        }
    }
}

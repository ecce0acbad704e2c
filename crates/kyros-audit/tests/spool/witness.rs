//! An observer that adds up what it is told.

use std::sync::{Arc, Mutex};

use kyros_audit::{Observer, Stats};

/// What the observer has been told.
#[derive(Clone, Default)]
pub(crate) struct Witness(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    /// All differences together.
    sum: Stats,
    last: Stats,
    /// Calls that did not go on where the one before had ended, and did not begin at 0 either.
    gaps: u64,
}

impl Witness {
    pub(crate) fn observer(&self) -> Observer {
        let told = Arc::clone(&self.0);
        Observer::new(move |before, now| told.lock().unwrap().hear(before, now))
    }

    /// All differences together; what is no count is as it was last.
    pub(crate) fn sum(&self) -> Stats {
        let told = self.0.lock().unwrap();
        assert_eq!(told.gaps, 0);
        Stats { oldest_pending_seconds: 0.0, pending: told.last.pending, ..told.sum }
    }

    pub(crate) fn oldest_pending_seconds(&self) -> f64 {
        self.0.lock().unwrap().last.oldest_pending_seconds
    }
}

impl Told {
    fn hear(&mut self, before: &Stats, now: &Stats) {
        self.gaps += u64::from(*before != self.last && *before != Stats::default());
        self.sum.spooled += now.spooled - before.spooled;
        self.sum.shipped += now.shipped - before.shipped;
        self.sum.rejected += now.rejected - before.rejected;
        self.sum.shed += now.shed - before.shed;
        self.sum.spool_errors += now.spool_errors - before.spool_errors;
        self.last = *now;
    }
}

//! Failures of the instrumentation itself: each is counted, the first of a component is logged.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use kyros_logs::Level;

use crate::line::Entry;
use crate::runtime::Runtime;

/// Parts of the SDK for which failures of the native side are counted.
pub mod component {
    /// The audit trail.
    pub const AUDIT: &str = "audit";
    /// The store of metrics.
    pub const METRICS: &str = "metrics";
    /// Finding out which route a request took.
    pub const ROUTE: &str = "route";
}

/// The components whose first failure has been logged.
#[derive(Default)]
pub(crate) struct Reported(Mutex<BTreeSet<String>>);

impl Runtime {
    /// Counts a failure of the instrumentation for a component, and logs its first one.
    pub fn failed(&self, component: &str, message: &str) {
        self.families().instrumentation_errors.series(&[component]).add(1.0);
        if self.reported().is_first(component) {
            let message = format!("instrumentation failed in `{component}`: {message}");
            self.write(Entry::log(Level::Error, env!("CARGO_PKG_NAME"), &message), None);
        }
    }
}

impl Runtime {
    /// Counts a token that was no identity, by the reason. Nothing else of it is kept.
    pub fn identity_refused(&self, reason: &str) {
        self.families().identity_refused.series(&[reason]).add(1.0);
    }
}

impl Reported {
    fn is_first(&self, component: &str) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !seen.contains(component) && seen.insert(component.to_owned())
    }
}

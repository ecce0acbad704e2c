//! A series: the handle through which samples go into its cells.

mod shape;
mod stored;

use std::borrow::Cow;
use std::sync::Arc;

use kyros_schema::MetricKind;

pub(crate) use shape::Shape;
pub(crate) use stored::{Stored, text};

use crate::exemplar::Exemplar;
use crate::family::Family;

/// A handle of one series; cheap to make for each sample, and usable from any thread.
///
/// Updates take no lock and never fail. Counters, sums and counts are integer cells: nanoseconds
/// where the metric's unit is seconds, bytes where it is bytes, else millionths. Gauges are floats,
/// one of each worker. An update that the family's kind doesn't know does nothing. Where a series
/// has expired or was forgotten, the next update makes it anew.
#[derive(Clone, Debug)]
pub struct Series {
    family: Family,
    stored: Arc<Stored>,
    exact: bool,
}

impl Series {
    pub(crate) fn new(family: Family, stored: Arc<Stored>, exact: bool) -> Self {
        Self { family, stored, exact }
    }

    /// Adds to a counter, in the metric's unit (what is negative counts as 0), or to a gauge.
    pub fn add(&self, amount: f64) {
        self.add_with(amount, None);
    }

    /// Adds, and keeps the exemplar where the family is a counter.
    pub fn add_with(&self, amount: f64, exemplar: Option<Exemplar>) {
        self.update(|stored| stored.add(amount, exemplar));
    }

    /// Takes back what this handle has added to a gauge. Where the series has expired or was
    /// forgotten since, it is gone with it.
    pub fn take_back(&self, amount: f64) {
        if self.stored.is_current() {
            self.add(-amount);
        }
    }

    /// Sets a gauge, in the metric's unit.
    pub fn set(&self, value: f64) {
        if self.family.kind() == MetricKind::Gauge {
            self.update(|stored| stored.set(value));
        }
    }

    /// Counts an observation of a histogram or summary, in the metric's unit. One that is negative
    /// or not a finite number is counted and adds nothing to the sum.
    pub fn observe(&self, value: f64) {
        self.observe_with(value, None);
    }

    /// Counts an observation, and keeps the exemplar in its bucket where there are buckets.
    pub fn observe_with(&self, value: f64, exemplar: Option<Exemplar>) {
        self.update(|stored| stored.observe(value, exemplar));
    }

    /// Whether a budget was spent, so that this series stands for many.
    pub fn is_overflow(&self) -> bool {
        !self.exact && self.family.counts_overflow()
    }

    /// The label values of the series it feeds, in the order of the metric's labels.
    pub fn label_values(&self) -> impl Iterator<Item = &str> {
        self.stored.values.iter().map(AsRef::as_ref)
    }

    fn update(&self, change: impl FnOnce(&Stored)) {
        let (stored, exact) = self.current();
        stored.record.touch();
        change(&stored);
        if !exact {
            self.family.count_overflow();
        }
    }

    /// The series, or the one that has taken its place, and whether it still is that of the
    /// handle's label values.
    fn current(&self) -> (Cow<'_, Arc<Stored>>, bool) {
        if self.stored.is_current() {
            return (Cow::Borrowed(&self.stored), self.exact);
        }
        let values: Vec<_> = self.label_values().collect();
        let stored = self.family.stored(&values);
        let exact = self.exact && stored.values == self.stored.values;
        (Cow::Owned(stored), exact)
    }
}

//! A series as it is stored: a record of the arena, with its label values at hand.

use std::sync::Arc;

use kyros_schema::{Across, MetricKind};

use super::shape::Shape;
use crate::arena::{MOST_WORKERS, Record};
use crate::atomic::Ordering;
use crate::exemplar::{self, Exemplar, Kept, SLOT};
use crate::exposition::label_pairs;

/// The value of a counter.
const VALUE: usize = 0;
/// The values of a summary.
const COUNT: usize = 0;
const SUMMARY_SUM: usize = 1;

/// In a gauge's cell, where its worker has set none: the bits of a number that nobody sets. Cells
/// hold their difference from it, so that a cell of 0 says the same.
const UNSET: u64 = 0x7ff8_6b79_726f_7300;

/// Between the label values of a record; no byte of UTF-8.
const BETWEEN: u8 = 0xff;

/// A series as it is stored.
#[derive(Debug)]
pub(crate) struct Stored {
    shape: Arc<Shape>,
    pub(crate) values: Box<[Box<str>]>,
    /// `a="b",c="d"`, escaped as both formats want it.
    pub(crate) pairs: Box<str>,
    pub(crate) record: Record,
}

/// The text of a series' record.
pub(crate) fn text(values: &[impl AsRef<str>]) -> Vec<u8> {
    let values: Vec<_> = values.iter().map(|value| value.as_ref().as_bytes()).collect();
    values.join(&BETWEEN)
}

impl Stored {
    /// The series of a record; none where the record is not one of the family's.
    pub(crate) fn of(shape: &Arc<Shape>, record: Record) -> Option<Self> {
        let text = record.text()?;
        let values: Box<[Box<str>]> = if shape.labels.is_empty() {
            text.is_empty().then(Box::default)?
        } else {
            let value = |bytes| std::str::from_utf8(bytes).ok().map(Into::into);
            text.split(|byte| *byte == BETWEEN).map(value).collect::<Option<_>>()?
        };
        let sound = values.len() == shape.labels.len() && record.values() == shape.values();
        let pairs = label_pairs(&shape.labels, &values).into();
        sound.then(|| Self { shape: Arc::clone(shape), pairs, values, record })
    }

    /// A series that is in no arena.
    pub(crate) fn apart(shape: &Arc<Shape>, values: &[&str]) -> Self {
        let values: Box<[Box<str>]> = values.iter().map(|value| (*value).into()).collect();
        let record = Record::apart(&shape.draft(&[]));
        let pairs = label_pairs(&shape.labels, &values).into();
        Self { shape: Arc::clone(shape), values, pairs, record }
    }

    /// Whether nothing is in it that another series could take.
    pub(crate) fn is_zero(&self) -> bool {
        self.sums().all(|at| self.load(at) == 0)
    }

    /// Takes out what was counted, and adds it to another series of the family.
    pub(crate) fn pour_into(&self, other: &Self) {
        self.sums()
            .for_each(|at| other.increase(at, self.record.value(at).swap(0, Ordering::Relaxed)));
    }

    pub(crate) fn clear(&self) {
        self.sums().for_each(|at| self.record.value(at).store(0, Ordering::Relaxed));
    }

    /// The values that add up.
    fn sums(&self) -> std::ops::Range<usize> {
        if self.shape.kind == MetricKind::Gauge { 0..0 } else { 0..self.exemplars() }
    }

    pub(crate) fn add(&self, amount: f64, exemplar: Option<Exemplar>) {
        match self.shape.kind {
            MetricKind::Counter => {
                self.increase(VALUE, self.shape.scale.steps(amount));
                self.keep(0, amount, exemplar);
            }
            MetricKind::Gauge => self.change(|value| value + amount),
            MetricKind::Histogram | MetricKind::Summary => {}
        }
    }

    pub(crate) fn set(&self, value: f64) {
        self.change(|_| value);
    }

    /// Shows a gauge at 0, where nothing else follows from a worker that hasn't set it.
    pub(crate) fn start(&self) {
        if self.shape.kind == MetricKind::Gauge && self.shape.across == Across::Sum {
            self.add(0.0, None);
        }
    }

    pub(super) fn observe(&self, value: f64, exemplar: Option<Exemplar>) {
        let steps = self.shape.scale.steps(value);
        match self.shape.kind {
            MetricKind::Histogram => {
                let bucket = self.shape.bucket(value);
                self.increase(bucket, 1);
                self.increase(self.histogram_sum(), steps);
                self.keep(bucket, value, exemplar);
            }
            MetricKind::Summary => {
                self.increase(COUNT, 1);
                self.increase(SUMMARY_SUM, steps);
            }
            MetricKind::Counter | MetricKind::Gauge => {}
        }
    }

    fn increase(&self, at: usize, amount: u64) {
        let cell = self.record.value(at);
        let before = cell.fetch_add(amount, Ordering::Relaxed);
        if before.checked_add(amount).is_none() {
            cell.store(u64::MAX, Ordering::Relaxed);
        }
    }

    /// Changes this worker's value of a gauge; of more workers than there are cells, the last ones
    /// have none.
    fn change(&self, change: impl Fn(f64) -> f64) {
        let Some(worker) = self.shape.arena.worker() else { return };
        let changed = |cell| Some(packed(change(unpacked(cell).unwrap_or(0.0))));
        let cell = self.record.value(worker);
        let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, changed);
    }

    fn keep(&self, slot: usize, value: f64, exemplar: Option<Exemplar>) {
        if let Some(exemplar) = exemplar {
            let (cells, at) = self.record.cells();
            exemplar::keep(cells, at + self.exemplars() + slot * SLOT, value, exemplar);
        }
    }

    fn histogram_sum(&self) -> usize {
        self.shape.bounds.len() + 1
    }

    /// Where exemplars begin.
    fn exemplars(&self) -> usize {
        self.shape.values() - self.shape.exemplars() * SLOT
    }
}

/// What a scrape reads.
impl Stored {
    /// Whether nobody has removed it.
    pub(crate) fn is_current(&self) -> bool {
        self.record.is_current()
    }

    /// Whether there is something to tell: of a gauge, what a worker that is alive has set.
    pub(crate) fn is_exposed(&self) -> bool {
        self.is_current()
            && (self.shape.kind != MetricKind::Gauge || self.workers_values().next().is_some())
    }

    /// What the workers make of a gauge together.
    pub(crate) fn gauge(&self) -> f64 {
        let combine = match self.shape.across {
            Across::Sum => |a, b| a + b,
            Across::Max => f64::max,
            Across::Min => f64::min,
        };
        self.workers_values().reduce(combine).unwrap_or(0.0)
    }

    fn workers_values(&self) -> impl Iterator<Item = f64> {
        let alive = (0..MOST_WORKERS).filter(|worker| self.shape.arena.is_alive(*worker));
        alive.filter_map(|worker| unpacked(self.load(worker)))
    }

    pub(crate) fn counter(&self) -> u64 {
        self.load(VALUE)
    }

    /// Each bucket's own count, `+Inf` last.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = u64> {
        (0..=self.shape.bounds.len()).map(|at| self.load(at))
    }

    pub(crate) fn count(&self) -> u64 {
        self.load(COUNT)
    }

    /// The sum of a histogram or summary, in steps.
    pub(crate) fn sum(&self) -> u64 {
        match self.shape.kind {
            MetricKind::Histogram => self.load(self.histogram_sum()),
            _ => self.load(SUMMARY_SUM),
        }
    }

    pub(crate) fn exemplar(&self, slot: usize) -> Option<Kept> {
        let (cells, at) = self.record.cells();
        exemplar::read(cells, at + self.exemplars() + slot * SLOT)
    }

    fn load(&self, at: usize) -> u64 {
        self.record.value(at).load(Ordering::Relaxed)
    }
}

fn packed(value: f64) -> u64 {
    value.to_bits() ^ UNSET
}

fn unpacked(cell: u64) -> Option<f64> {
    (cell != 0).then(|| f64::from_bits(cell ^ UNSET))
}

//! A series: its cells, and the handle through which samples go into them.

use std::borrow::Cow;
use std::sync::Arc;

use kyros_schema::{Across, Metric, MetricKind};

use crate::arena::{Arena, Draft, Kind, MOST_WORKERS, Record};
use crate::atomic::Ordering;
use crate::exemplar::{self, Exemplar, Kept, SLOT};
use crate::exposition::label_pairs;
use crate::family::Family;
use crate::scale::Scale;

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

/// What all series of a family have in common.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) arena: Arc<Arena>,
    /// The family as the arena's records name it.
    pub(crate) key: u64,
    pub(crate) kind: MetricKind,
    across: Across,
    pub(crate) scale: Scale,
    /// Upper bounds of the buckets without `+Inf`, ascending.
    pub(crate) bounds: Box<[f64]>,
    pub(crate) labels: Box<[Box<str>]>,
}

impl Shape {
    pub(crate) fn of(arena: &Arc<Arena>, key: u64, metric: &Metric) -> Self {
        Self {
            arena: Arc::clone(arena),
            key,
            kind: metric.kind,
            across: metric.across,
            scale: Scale::of(metric.unit),
            bounds: metric.buckets.iter().map(kyros_schema::Decimal::as_f64).collect(),
            labels: metric.labels.iter().map(|label| label.as_str().into()).collect(),
        }
    }

    /// The record of a series with these label values.
    pub(crate) fn draft<'t>(&self, text: &'t [u8]) -> Draft<'t> {
        let kind = if self.kind == MetricKind::Gauge { Kind::Gauge } else { Kind::Series };
        Draft { kind, family: self.key, text, values: self.values() }
    }

    /// Counters: the value. Gauges: that of each worker. Summaries: count, sum. Histograms: each
    /// bucket's own count (the last is `+Inf`), sum. Then the exemplars.
    fn values(&self) -> usize {
        let own = match self.kind {
            MetricKind::Counter => 1,
            MetricKind::Gauge => MOST_WORKERS,
            MetricKind::Summary => 2,
            MetricKind::Histogram => self.bounds.len() + 2,
        };
        own + self.exemplars() * SLOT
    }

    fn exemplars(&self) -> usize {
        match self.kind {
            MetricKind::Counter => 1,
            MetricKind::Gauge | MetricKind::Summary => 0,
            MetricKind::Histogram => self.bounds.len() + 1,
        }
    }

    /// The bucket of a value; what is not a number is in `+Inf`.
    fn bucket(&self, value: f64) -> usize {
        if value.is_nan() { self.bounds.len() } else { self.bounds.partition_point(|b| *b < value) }
    }
}

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

    fn observe(&self, value: f64, exemplar: Option<Exemplar>) {
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
        self.record.value(at).fetch_add(amount, Ordering::Relaxed);
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

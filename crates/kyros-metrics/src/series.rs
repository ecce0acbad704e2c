//! A series: its cells, and the handle through which samples go into them.

use std::sync::{Arc, OnceLock};

use kyros_schema::{Metric, MetricKind};

use crate::cells::Cells;
use crate::exemplar::{self, Exemplar, Kept, SLOT};
use crate::exposition::label_pairs;
use crate::governor::Grant;
use crate::scale::Scale;

/// A handle of one series; cheap to clone and to keep, and usable from any thread.
///
/// Updates take no lock and never fail. Counters, sums and counts are integer cells: nanoseconds
/// where the metric's unit is seconds, bytes where it is bytes, else millionths. Gauges are floats.
/// An update that the family's kind doesn't know does nothing.
#[derive(Clone, Debug)]
pub struct Series {
    stored: Arc<Stored>,
    overflow: Option<Arc<Stored>>,
}

impl Series {
    pub(crate) fn new(stored: Arc<Stored>, overflow: Option<Arc<Stored>>) -> Self {
        Self { stored, overflow }
    }

    /// Adds to a counter, in the metric's unit (what is negative counts as 0), or to a gauge.
    pub fn add(&self, amount: f64) {
        self.add_with(amount, None);
    }

    /// Adds, and keeps the exemplar where the family is a counter.
    pub fn add_with(&self, amount: f64, exemplar: Option<Exemplar>) {
        self.stored.add(amount, exemplar);
        self.count_overflow();
    }

    /// Sets a gauge, in the metric's unit.
    pub fn set(&self, value: f64) {
        if self.stored.shape.kind == MetricKind::Gauge {
            self.stored.cells.store(VALUE, value.to_bits());
            self.count_overflow();
        }
    }

    /// Counts an observation of a histogram or summary, in the metric's unit. One that is negative
    /// or not a finite number is counted and adds nothing to the sum.
    pub fn observe(&self, value: f64) {
        self.observe_with(value, None);
    }

    /// Counts an observation, and keeps the exemplar in its bucket where there are buckets.
    pub fn observe_with(&self, value: f64, exemplar: Option<Exemplar>) {
        self.stored.observe(value, exemplar);
        self.count_overflow();
    }

    /// Whether a budget was spent, so that this series stands for many. Such a handle is better
    /// not kept for its label values.
    pub fn is_overflow(&self) -> bool {
        self.overflow.is_some()
    }

    /// The label values of the series it feeds, in the order of the metric's labels.
    pub fn label_values(&self) -> impl Iterator<Item = &str> {
        self.stored.values.iter().map(AsRef::as_ref)
    }

    fn count_overflow(&self) {
        if let Some(overflow) = &self.overflow {
            overflow.add(1.0, None);
        }
    }
}

/// The cell of a counter or gauge.
const VALUE: usize = 0;
/// The cells of a summary.
const COUNT: usize = 0;
const SUMMARY_SUM: usize = 1;

/// What all series of a family have in common.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) kind: MetricKind,
    pub(crate) scale: Scale,
    /// Upper bounds of the buckets without `+Inf`, ascending.
    pub(crate) bounds: Box<[f64]>,
    pub(crate) labels: Box<[Box<str>]>,
}

impl Shape {
    pub(crate) fn of(metric: &Metric) -> Self {
        Self {
            kind: metric.kind,
            scale: Scale::of(metric.unit),
            bounds: metric.buckets.iter().map(kyros_schema::Decimal::as_f64).collect(),
            labels: metric.labels.iter().map(|label| label.as_str().into()).collect(),
        }
    }

    /// Counters and gauges: the value. Summaries: count, sum. Histograms: each bucket's own count
    /// (the last is `+Inf`), sum.
    fn cells(&self) -> usize {
        match self.kind {
            MetricKind::Counter | MetricKind::Gauge => 1,
            MetricKind::Summary => 2,
            MetricKind::Histogram => self.bounds.len() + 2,
        }
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
    cells: Cells,
    exemplars: OnceLock<Cells>,
}

impl Stored {
    /// Stores a new series; the grant proves that the governor let it.
    pub(crate) fn create(shape: &Arc<Shape>, grant: Grant) -> Self {
        let values = grant.into_values();
        Self {
            shape: Arc::clone(shape),
            pairs: label_pairs(&shape.labels, &values).into(),
            values,
            cells: Cells::zeroed(shape.cells()),
            exemplars: OnceLock::new(),
        }
    }

    fn add(&self, amount: f64, exemplar: Option<Exemplar>) {
        match self.shape.kind {
            MetricKind::Counter => {
                self.cells.add(VALUE, self.shape.scale.steps(amount));
                self.keep(0, amount, exemplar);
            }
            MetricKind::Gauge => self.cells.add_float(VALUE, amount),
            MetricKind::Histogram | MetricKind::Summary => {}
        }
    }

    fn observe(&self, value: f64, exemplar: Option<Exemplar>) {
        let steps = self.shape.scale.steps(value);
        match self.shape.kind {
            MetricKind::Histogram => {
                let bucket = self.shape.bucket(value);
                self.cells.add(bucket, 1);
                self.cells.add(self.histogram_sum(), steps);
                self.keep(bucket, value, exemplar);
            }
            MetricKind::Summary => {
                self.cells.add(COUNT, 1);
                self.cells.add(SUMMARY_SUM, steps);
            }
            MetricKind::Counter | MetricKind::Gauge => {}
        }
    }

    fn keep(&self, slot: usize, value: f64, exemplar: Option<Exemplar>) {
        if let Some(exemplar) = exemplar {
            let slots = || Cells::zeroed(self.shape.exemplars() * SLOT);
            exemplar::keep(self.exemplars.get_or_init(slots), slot, value, exemplar);
        }
    }

    fn histogram_sum(&self) -> usize {
        self.shape.bounds.len() + 1
    }
}

/// What a scrape reads.
impl Stored {
    /// Sets a counter or gauge to what another source counts, such as the kernel. Of two scrapes
    /// at once, the one that read less does not take a counter back.
    pub(crate) fn mirror(&self, value: f64) {
        match self.shape.kind {
            MetricKind::Gauge => self.cells.store(VALUE, value.to_bits()),
            _ => self.cells.raise(VALUE, self.shape.scale.steps(value)),
        }
    }

    pub(crate) fn gauge(&self) -> f64 {
        f64::from_bits(self.cells.load(VALUE))
    }

    pub(crate) fn counter(&self) -> u64 {
        self.cells.load(VALUE)
    }

    /// Each bucket's own count, `+Inf` last.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = u64> {
        (0..=self.shape.bounds.len()).map(|at| self.cells.load(at))
    }

    pub(crate) fn count(&self) -> u64 {
        self.cells.load(COUNT)
    }

    /// The sum of a histogram or summary, in steps.
    pub(crate) fn sum(&self) -> u64 {
        match self.shape.kind {
            MetricKind::Histogram => self.cells.load(self.histogram_sum()),
            _ => self.cells.load(SUMMARY_SUM),
        }
    }

    pub(crate) fn exemplar(&self, slot: usize) -> Option<Kept> {
        exemplar::read(self.exemplars.get()?, slot)
    }
}

//! What all series of a family have in common.

use std::sync::Arc;

use kyros_schema::{Across, Metric, MetricKind};

use crate::arena::{Arena, Draft, Kind, MOST_WORKERS};
use crate::exemplar::SLOT;
use crate::scale::Scale;

/// What all series of a family have in common.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) arena: Arc<Arena>,
    /// The family as the arena's records name it.
    pub(crate) key: u64,
    pub(crate) kind: MetricKind,
    pub(super) across: Across,
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
    pub(super) fn values(&self) -> usize {
        let own = match self.kind {
            MetricKind::Counter => 1,
            MetricKind::Gauge => MOST_WORKERS,
            MetricKind::Summary => 2,
            MetricKind::Histogram => self.bounds.len() + 2,
        };
        own + self.exemplars() * SLOT
    }

    pub(super) fn exemplars(&self) -> usize {
        match self.kind {
            MetricKind::Counter => 1,
            MetricKind::Gauge | MetricKind::Summary => 0,
            MetricKind::Histogram => self.bounds.len() + 1,
        }
    }

    /// The bucket of a value; what is not a number is in `+Inf`.
    pub(super) fn bucket(&self, value: f64) -> usize {
        if value.is_nan() { self.bounds.len() } else { self.bounds.partition_point(|b| *b < value) }
    }
}

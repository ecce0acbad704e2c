//! A family: one metric and its series.

mod placing;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use kyros_schema::{Metric, MetricKind, Schema};

use crate::apart::Apart;
use crate::arena::{Arena, Draft, Kind, Log, Room};
use crate::declaration;
use crate::directory::Directory;
use crate::error::Error;
use crate::governor::Governor;
use crate::interval::Interval;
use crate::options::Rules;
use crate::series::{Series, Shape, Stored};
use crate::turn::Turn;

/// How long a refusal of memory or of a turn holds.
const REFUSAL_SECONDS: u64 = 2;

/// One metric and its series; cheap to clone and to keep.
#[derive(Clone, Debug)]
pub struct Family(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    metric: Metric,
    /// For each label its closed set of values, if it has one.
    closed: Vec<Vec<String>>,
    rules: Rules,
    shape: Arc<Shape>,
    governor: Governor,
    directory: ArcSwap<Directory>,
    /// Among those who read the log for this family.
    turn: Turn,
    /// How often this process notes which series are idle, and how often it ends these.
    notes: Interval,
    clearings: Interval,
    /// How soon it asks again when it has got no memory, or no turn.
    refusals: Interval,
    /// Has the samples of this process that could be placed nowhere yet.
    apart: Apart,
    /// Whether other workers know of the family.
    declared: AtomicBool,
    /// The family that counts the samples which went over a budget.
    overflow: Option<Family>,
}

impl Family {
    /// A family whose overflow is counted in `overflow`; it has no series yet. One that other
    /// workers don't know of is declared before it has.
    pub(crate) fn new(
        schema: &Schema,
        arena: &Arc<Arena>,
        metric: Metric,
        rules: Rules,
        overflow: Option<Self>,
        declared: bool,
    ) -> Self {
        let closed = |name| schema.labels.get(name).map_or_else(Vec::new, |row| row.values.clone());
        let shape = Arc::new(Shape::of(arena, declaration::key(&metric), &metric));
        let governor = Governor::new(schema, &metric, rules.limits.series_per_metric);
        Self(Arc::new(Inner {
            closed: metric.labels.iter().map(closed).collect(),
            rules,
            directory: ArcSwap::default(),
            turn: Turn::new(),
            notes: Interval::of(rules.limits.idle),
            clearings: Interval::of(rules.limits.idle),
            apart: Apart::new(&shape, &governor.collapsed()),
            refusals: Interval::due(REFUSAL_SECONDS),
            declared: AtomicBool::new(declared),
            overflow: overflow.filter(|_| !metric.labels.is_empty()),
            shape,
            governor,
            metric,
        }))
    }

    /// The series with these label values, in the order of the metric's labels.
    ///
    /// It never fails: over a budget it is a series labelled `_other`; values that are missing read
    /// as empty, those too many are left out, one over 256 bytes is cut, and what the registry's
    /// [`Scrub`](crate::Scrub) takes out is not in the series.
    pub fn series(&self, values: &[&str]) -> Series {
        self.known(values).unwrap_or_else(|| {
            let (stored, exact) = self.place_clean(values);
            Series::new(self.clone(), stored, exact)
        })
    }

    /// The same, if it is there: then nothing is waited for.
    pub fn known(&self, values: &[&str]) -> Option<Series> {
        let known = self.0.directory.load().find(values)?;
        Some(Series::new(self.clone(), known, true))
    }

    /// Makes series at 0 before there is anything to count, so that `increase()` sees the first
    /// sample: every combination of the given values and, for labels not given, of the closed set.
    /// They never expire. Returns how many combinations there were.
    pub fn initialise(&self, given: &[(&str, &[&str])]) -> Result<usize, Error> {
        let labels = self.0.metric.labels.iter().zip(&self.0.closed);
        let known = labels.map(|(label, closed)| self.known_values(label, closed, given));
        let all = combinations(&known.collect::<Result<Vec<_>, _>>()?);
        for values in &all {
            self.start_series(values);
        }
        Ok(all.len())
    }

    fn known_values<'v>(
        &self,
        label: &str,
        closed: &'v [String],
        given: &[(&str, &[&'v str])],
    ) -> Result<Vec<&'v str>, Error> {
        let given = given.iter().find(|(name, _)| *name == label).map(|(_, values)| *values);
        match given {
            Some(values) => Ok(values.to_vec()),
            None if !closed.is_empty() => Ok(closed.iter().map(String::as_str).collect()),
            None => {
                let (metric, label) = (self.name().to_owned(), label.to_owned());
                Err(Error::NoKnownValues { metric, label })
            }
        }
    }

    /// The metric's name as the schema has it.
    pub fn name(&self) -> &str {
        &self.0.metric.name
    }

    /// The kind of the metric.
    pub fn kind(&self) -> MetricKind {
        self.0.metric.kind
    }

    /// The names of the metric's labels.
    pub fn labels(&self) -> &[String] {
        &self.0.metric.labels
    }

    /// How many series there are.
    pub fn series_count(&self) -> usize {
        self.catch_up().len()
    }

    /// How many series there can be at most.
    pub fn budget(&self) -> usize {
        self.0.governor.budget()
    }
}

impl Family {
    /// The row of the schema, or what the application declared.
    pub(crate) fn metric(&self) -> &Metric {
        &self.0.metric
    }

    pub(crate) fn shape(&self) -> &Shape {
        &self.0.shape
    }

    /// The series that have something to tell, in the order of their label values.
    pub(crate) fn sorted(&self) -> Vec<Arc<Stored>> {
        let all = self.catch_up().sorted();
        all.iter().filter(|stored| stored.is_exposed()).cloned().collect()
    }

    /// Whether its overflow is counted.
    pub(crate) fn counts_overflow(&self) -> bool {
        self.0.overflow.is_some()
    }

    pub(crate) fn count_overflow(&self) {
        if let Some(overflow) = &self.0.overflow {
            overflow.stored(&[self.name()]).add(1.0, None);
        }
    }

    /// Makes the family known to all workers, unless it is; none where there is no memory for that.
    pub(crate) fn declare(&self, log: &Log<'_>) -> Option<()> {
        if !self.0.declared.load(Ordering::Relaxed) {
            let text = declaration::write(&self.0.metric);
            let (family, text) = (self.0.shape.key, text.as_bytes());
            log.append(&Draft { kind: Kind::Family, family, text, values: 0 }, Room::Reserve)?;
            self.0.declared.store(true, Ordering::Relaxed);
        }
        Some(())
    }

    /// Lets go of samples that the parent of this process has still to count.
    pub(crate) fn disown(&self) {
        self.0.apart.disown();
    }

    /// Makes what there is from the start, at 0: the one series of a family without labels, or the
    /// count of its overflow.
    pub(crate) fn start(&self) {
        if self.labels().is_empty() {
            self.start_series(&[]);
        }
        if let Some(overflow) = &self.0.overflow {
            overflow.start_series(&[self.name()]);
        }
    }

    fn start_series(&self, values: &[&str]) {
        let stored = self.stored(values);
        stored.record.keep();
        stored.start();
    }
}

fn combinations<'v>(labels: &[Vec<&'v str>]) -> Vec<Vec<&'v str>> {
    labels.iter().fold(vec![Vec::new()], |all, values| {
        let extended = |head: Vec<&'v str>| {
            values.iter().map(move |value| [head.as_slice(), &[*value]].concat())
        };
        all.into_iter().flat_map(extended).collect()
    })
}

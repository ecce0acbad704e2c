//! A family: one metric and its series.

use std::sync::Arc;

use kyros_schema::{Metric, MetricKind, Schema};

use crate::directory::Directory;
use crate::error::Error;
use crate::governor::Governor;
use crate::scrub::Scrub;
use crate::series::{Series, Shape, Stored};

/// One metric and its series; cheap to clone and to keep.
#[derive(Clone, Debug)]
pub struct Family(Arc<Inner>);

/// What holds for every family of a registry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) most_series: usize,
    pub(crate) scrub: Scrub,
}

#[derive(Debug)]
struct Inner {
    metric: Metric,
    /// For each label its closed set of values, if it has one.
    closed: Vec<Vec<String>>,
    directory: Directory,
    overflow: Option<Arc<Stored>>,
}

impl Family {
    /// A family whose overflow is counted in `overflow`.
    pub(crate) fn new(
        schema: &Schema,
        mut metric: Metric,
        rules: Rules,
        overflow: Option<Arc<Stored>>,
    ) -> Self {
        let governor = Governor::new(schema, &metric, rules.most_series);
        let directory = Directory::new(Arc::new(Shape::of(&metric)), governor, rules.scrub);
        metric.help = (rules.scrub)(&metric.help).into_owned();
        let closed = |name| schema.labels.get(name).map_or_else(Vec::new, |row| row.values.clone());
        let closed = metric.labels.iter().map(closed).collect();
        let family = Self(Arc::new(Inner { metric, closed, directory, overflow }));
        family.start();
        family
    }

    /// The series with these label values, in the order of the metric's labels.
    ///
    /// It never fails: over a budget it is a series labelled `_other`; values that are missing read
    /// as empty, those too many are left out, one over 256 bytes is cut, and what the registry's
    /// [`Scrub`] takes out is not in the series.
    pub fn series(&self, values: &[&str]) -> Series {
        let found = self.0.directory.find(values);
        let overflow = if found.exact { None } else { self.0.overflow.clone() };
        Series::new(found.stored, overflow)
    }

    /// Makes series at 0 before there is anything to count, so that `increase()` sees the first
    /// sample: every combination of the given values and, for labels not given, of the closed set.
    /// Returns how many combinations there were.
    pub fn initialise(&self, given: &[(&str, &[&str])]) -> Result<usize, Error> {
        let labels = self.0.metric.labels.iter().zip(&self.0.closed);
        let known = labels.map(|(label, closed)| self.known_values(label, closed, given));
        let all = combinations(&known.collect::<Result<Vec<_>, _>>()?);
        for values in &all {
            self.series(values);
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
        self.0.directory.len()
    }

    /// How many series there can be at most.
    pub fn budget(&self) -> usize {
        self.0.directory.budget()
    }
}

impl Family {
    /// The row of the schema, or what the application declared.
    pub(crate) fn metric(&self) -> &Metric {
        &self.0.metric
    }

    pub(crate) fn shape(&self) -> &Shape {
        self.0.directory.shape()
    }

    /// All series in the order of their label values.
    pub(crate) fn sorted(&self) -> Vec<Arc<Stored>> {
        self.0.directory.sorted()
    }

    pub(crate) fn stored(&self, values: &[&str]) -> Arc<Stored> {
        self.0.directory.find(values).stored
    }

    /// Without labels there is one series, at 0 from the start; the kernel's numbers come with the
    /// first scrape.
    fn start(&self) {
        if self.labels().is_empty() && self.0.metric.group != crate::local::PROCESS {
            self.series(&[]);
        }
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

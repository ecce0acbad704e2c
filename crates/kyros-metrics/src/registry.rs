//! The registry: all families of a process.

use std::sync::Arc;

use arc_swap::ArcSwap;
use indexmap::IndexMap;
use kyros_schema::names::metric::{KYROS_BUILD_INFO, KYROS_SERIES_OVERFLOW_TOTAL};
use kyros_schema::{Metric, Schema};

use crate::claims;
use crate::error::Error;
use crate::exposition::{self, Format, Scrape};
use crate::family::{Family, Rules};
use crate::process;
use crate::scrub::{self, Scrub};
use crate::series::Stored;
use crate::turn::Turn;

/// How much a registry may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most series of one metric, overflow included; at least 1.
    pub series_per_metric: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { series_per_metric: 10_000 }
    }
}

/// All families of a process: those of the schema, then those the application registers.
#[derive(Debug)]
pub struct Registry {
    schema: Schema,
    rules: Rules,
    overflow: Option<Family>,
    families: ArcSwap<IndexMap<String, Family>>,
    turn: Turn,
}

impl Registry {
    /// A registry with a family for each metric of the schema.
    pub fn new(schema: &Schema) -> Self {
        Self::with_limits(schema, Limits::default())
    }

    /// A registry with limits other than the default.
    pub fn with_limits(schema: &Schema, limits: Limits) -> Self {
        Self::with_scrub(schema, limits, scrub::nothing)
    }

    /// A registry that stores of label values and help texts what `scrub` leaves of them.
    pub fn with_scrub(schema: &Schema, limits: Limits, scrub: Scrub) -> Self {
        let rules = Rules { most_series: limits.series_per_metric, scrub };
        let registry = Self {
            schema: schema.clone(),
            rules,
            overflow: overflow_family(schema, rules),
            families: ArcSwap::default(),
            turn: Turn::default(),
        };
        registry.add_schema();
        registry.state_build();
        registry
    }

    /// The family of a metric's name.
    pub fn family(&self, name: &str) -> Option<Family> {
        self.families.load().get(name).cloned()
    }

    /// The family of an application's own metric; the same one again for the same name, kind and
    /// labels. A declaration without buckets takes those of the family that is there.
    pub fn register(&self, metric: &Metric) -> Result<Family, Error> {
        if let Some(family) = self.family(&metric.name) {
            return same(family, metric);
        }
        self.schema.admit(metric).map_err(Error::Refused)?;
        let _taken = self.turn.take();
        let mut families = IndexMap::clone(&self.families.load());
        if let Some(family) = families.get(&metric.name) {
            return same(family.clone(), metric);
        }
        claims::check(metric, families.values().map(Family::metric))?;
        let family = self.new_family(metric);
        families.insert(metric.name.clone(), family.clone());
        self.families.store(Arc::new(families));
        Ok(family)
    }

    /// All families: the schema's in its order, then the application's by name.
    pub fn families(&self) -> Vec<Family> {
        let mut all: Vec<_> = self.families.load().values().cloned().collect();
        all[self.schema.metrics.len()..].sort_by(|a, b| a.name().cmp(b.name()));
        all
    }

    /// The whole exposition as text, with the process' own numbers of this moment.
    pub fn render(&self, format: Format) -> String {
        self.read_process();
        exposition::render(&self.families(), format)
    }

    /// The answer to a scrape with these `Accept` and `Accept-Encoding` headers.
    pub fn scrape(&self, accept: Option<&str>, accept_encoding: Option<&str>) -> Scrape {
        let format = exposition::negotiate(accept);
        Scrape::of(&self.render(format), format, accept_encoding)
    }

    fn add_schema(&self) {
        let declare = |(name, metric): (&String, &Metric)| {
            let overflow = self.overflow.clone().filter(|family| family.name() == name);
            (name.clone(), overflow.unwrap_or_else(|| self.new_family(metric)))
        };
        self.families.store(Arc::new(self.schema.metrics.iter().map(declare).collect()));
    }

    fn new_family(&self, metric: &Metric) -> Family {
        let overflow = self.overflow_series(metric);
        Family::new(&self.schema, metric.clone(), self.rules, overflow)
    }

    /// Where the metric's overflow is counted, at 0 from the start; nowhere without labels.
    fn overflow_series(&self, metric: &Metric) -> Option<Arc<Stored>> {
        let family = self.overflow.as_ref().filter(|_| !metric.labels.is_empty())?;
        Some(family.stored(&[&metric.name]))
    }

    fn state_build(&self) {
        if let Some(family) = self.family(KYROS_BUILD_INFO) {
            family.series(&[env!("CARGO_PKG_VERSION")]).set(1.0);
        }
    }

    fn read_process(&self) {
        for (name, value) in process::readings() {
            if let Some(family) = self.family(name) {
                family.stored(&[]).mirror(value);
            }
        }
    }
}

/// The family that counts the others' overflow; its own is counted nowhere.
fn overflow_family(schema: &Schema, rules: Rules) -> Option<Family> {
    let metric = schema.metrics.get(KYROS_SERIES_OVERFLOW_TOTAL)?;
    Some(Family::new(schema, metric.clone(), rules, None))
}

fn same(family: Family, metric: &Metric) -> Result<Family, Error> {
    let known = family.metric();
    let same_buckets = metric.buckets.is_empty() || metric.buckets == known.buckets;
    if known.kind == metric.kind && known.labels == metric.labels && same_buckets {
        return Ok(family);
    }
    let (known, declared) = (describe(known), describe(metric));
    Err(Error::Differs { name: metric.name.clone(), known, declared })
}

fn describe(metric: &Metric) -> String {
    let buckets: Vec<_> = metric.buckets.iter().map(kyros_schema::Decimal::as_str).collect();
    let (kind, labels) = (metric.kind.as_str(), metric.labels.join(", "));
    let buckets =
        if buckets.is_empty() { String::new() } else { format!(" [{}]", buckets.join(", ")) };
    format!("{kind}{{{labels}}}{buckets}")
}

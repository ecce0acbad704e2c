//! The families of a registry: those of its schema, and what any worker has declared.

use std::sync::Arc;

use indexmap::IndexMap;
use kyros_schema::{Across, Metric};

use super::Registry;
use crate::arena::{Kind, Position, Record};
use crate::claims;
use crate::declaration;
use crate::error::Error;
use crate::family::Family;
use crate::local::is_process;

/// The longest help of an application's metric in bytes; the rest is cut off.
const LONGEST_HELP: usize = 1024;

/// The families, as far as the log has been read.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    read: Option<Position>,
    pub(super) families: IndexMap<String, Family>,
    pub(super) unsound: usize,
}

/// Families and their declarations.
impl Registry {
    pub(super) fn add_schema(&self) {
        let ours = self.schema.metrics.values().filter(|metric| !is_process(metric));
        let families = ours.map(|metric| (metric.name.clone(), self.schema_family(metric)));
        let families: IndexMap<_, _> = families.collect();
        families.values().for_each(Family::start);
        self.known.store(Arc::new(Known { families, ..Known::default() }));
    }

    fn schema_family(&self, metric: &Metric) -> Family {
        let overflow = self.overflow.clone().filter(|family| family.name() == metric.name);
        overflow.unwrap_or_else(|| {
            let mut metric = metric.clone();
            metric.help = (self.rules.scrub)(&metric.help).into_owned();
            self.new_family(metric, true)
        })
    }

    fn new_family(&self, metric: Metric, declared: bool) -> Family {
        let overflow = self.overflow.clone();
        Family::new(&self.schema, &self.arena, metric, self.rules, overflow, declared)
    }

    /// Adds a metric, unless another worker has, and makes it known to all.
    pub(super) fn declare(&self, metric: &Metric) -> Result<Family, Error> {
        let log = self.arena.log();
        let known = self.catch_up();
        if let Some(family) = known.families.get(&metric.name) {
            return same(family.clone(), metric);
        }
        self.check_claims(metric, &known)?;
        let mut metric = metric.clone();
        let help = metric.help.get(..metric.help.floor_char_boundary(LONGEST_HELP));
        metric.help = (self.rules.scrub)(help.unwrap_or_default()).into_owned();
        let family = self.add(metric);
        if let Some(log) = &log {
            // Where there is no memory for it now, the first series asks again.
            let _ = family.declare(log);
        }
        Ok(family)
    }

    /// The family of a metric, made unless another thread has made one.
    fn add(&self, metric: Metric) -> Family {
        let _taken = self.turn.take();
        let mut known = Known::clone(&self.known.load());
        let name = metric.name.clone();
        let family = known.families.entry(name).or_insert_with(|| self.new_family(metric, false));
        let family = family.clone();
        self.known.store(Arc::new(known));
        family
    }

    /// Reads what others have declared.
    pub(super) fn catch_up(&self) -> Arc<Known> {
        let known = self.known.load_full();
        if known.read == Some(self.arena.position()) {
            return known;
        }
        let _taken = self.turn.take();
        let known = self.known.load_full();
        let news = self.arena.news(known.read);
        let mut next = Known { read: Some(news.position), ..Known::clone(&known) };
        next.unsound = news.unsound + if news.anew { 0 } else { known.unsound };
        for record in news.records {
            next.unsound += usize::from(!self.is_sound(record, &mut next));
        }
        let next = Arc::new(next);
        self.known.store(Arc::clone(&next));
        next
    }

    /// Takes a declaration in; whether the record is one, or one of a series of a known family.
    fn is_sound(&self, record: Record, known: &mut Known) -> bool {
        match record.kind {
            Kind::Dead => true,
            Kind::Family => self.adopt(&record, known).is_some(),
            Kind::Series | Kind::Gauge => {
                let mut families = known.families.values();
                let family = families.find(|family| family.shape().key == record.family);
                family.is_some_and(|family| !record.is_current() || family.read(record).is_some())
            }
        }
    }

    fn adopt(&self, record: &Record, known: &mut Known) -> Option<()> {
        let metric = declaration::read(&String::from_utf8(record.text()?).ok()?)?;
        if known.families.get(&metric.name).is_some_and(|known| known.shape().key == record.family)
        {
            return Some(());
        }
        let key = declaration::key(&metric);
        let admitted =
            self.schema.admit(&metric).is_ok() && self.check_claims(&metric, known).is_ok();
        if !admitted || key != record.family || known.families.contains_key(&metric.name) {
            return None;
        }
        let family = self.new_family(metric, true);
        known.families.insert(family.name().to_owned(), family);
        Some(())
    }

    /// Refuses a metric that exposes a sample of one that is there.
    fn check_claims(&self, metric: &Metric, known: &Known) -> Result<(), Error> {
        let processes = self.schema.metrics.values().filter(|metric| is_process(metric));
        claims::check(metric, known.families.values().map(Family::metric).chain(processes))
    }
}

/// The family, if it was declared like the metric.
pub(super) fn same(family: Family, metric: &Metric) -> Result<Family, Error> {
    let known = family.metric();
    let same_buckets = metric.buckets.is_empty() || metric.buckets == known.buckets;
    let same_across = metric.across == Across::Sum || metric.across == known.across;
    if known.kind == metric.kind && known.labels == metric.labels && same_buckets && same_across {
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
    let across = metric.across.as_str();
    let across =
        if metric.across == Across::Sum { String::new() } else { format!(" across {across}") };
    format!("{kind}{{{labels}}}{buckets}{across}")
}

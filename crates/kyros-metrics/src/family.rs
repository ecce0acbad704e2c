//! A family: one metric and its series.

use std::sync::Arc;

use arc_swap::ArcSwap;
use kyros_schema::{Metric, MetricKind, Schema};

use crate::apart::Apart;
use crate::arena::{Arena, Log, Record, Room, unix_seconds};
use crate::directory::{Directory, is};
use crate::error::Error;
use crate::governor::{Governor, Placement};
use crate::interval::Interval;
use crate::registry::Rules;
use crate::scrub;
use crate::series::{Series, Shape, Stored, text};
use crate::turn::Turn;

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
    /// The family that counts the samples which went over a budget.
    overflow: Option<Family>,
}

impl Family {
    /// A family whose overflow is counted in `overflow`; it has no series yet.
    pub(crate) fn new(
        schema: &Schema,
        arena: &Arc<Arena>,
        key: u64,
        metric: Metric,
        rules: Rules,
        overflow: Option<Self>,
    ) -> Self {
        let closed = |name| schema.labels.get(name).map_or_else(Vec::new, |row| row.values.clone());
        let shape = Arc::new(Shape::of(arena, key, &metric));
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
        let known = self.0.directory.load().find(values);
        let (stored, exact) = known.map_or_else(|| self.place_clean(values), |known| (known, true));
        Series::new(self.clone(), stored, exact)
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

/// Finding and making series.
impl Family {
    pub(crate) fn stored(&self, values: &[&str]) -> Arc<Stored> {
        let known = self.0.directory.load().find(values);
        known.unwrap_or_else(|| self.place_clean(values).0)
    }

    /// The series for what remains of the values, and whether it has just these.
    fn place_clean(&self, values: &[&str]) -> (Arc<Stored>, bool) {
        let directory = self.0.directory.load();
        let is_known = |label, value: &str| directory.knows(label, value);
        let clean = scrub::values(self.0.rules.scrub, self.labels().len(), values, is_known);
        drop(directory);
        let values: Vec<_> = clean.iter().map(AsRef::as_ref).collect();
        let stored = self.place(&values);
        let exact = is(&stored.values, &values);
        (stored, exact)
    }

    fn place(&self, values: &[&str]) -> Arc<Stored> {
        let placement = self.placement(values);
        if let Placement::Known(stored) = &placement
            && (is(&stored.values, values) || !self.0.clearings.is_due())
        {
            return Arc::clone(stored);
        }
        let made = self.try_make(values).or_else(|| placement.known());
        made.or_else(|| self.other()).unwrap_or_else(|| self.0.apart.stored())
    }

    /// Makes a series, unless that was refused a moment ago: nobody waits twice for the same.
    fn try_make(&self, values: &[&str]) -> Option<Arc<Stored>> {
        if !self.0.refusals.is_due() && self.other().is_some() {
            return None;
        }
        let made = self.arena().log().and_then(|log| self.make(&log, values));
        match made {
            Some(_) => self.settle(),
            None => self.0.refusals.begin(),
        }
        made
    }

    /// Asks again, since another thread or process may have taken the room.
    fn make(&self, log: &Log<'_>, values: &[&str]) -> Option<Arc<Stored>> {
        let mut placement = self.placement(values);
        if !placement.has(values) && self.make_room(log) {
            placement = self.placement(values);
        }
        match placement {
            Placement::Known(stored) => Some(stored),
            Placement::New(grant) => {
                let made = self.append(log, grant.values(), self.room());
                made.or_else(|| self.make_other(log))
            }
        }
    }

    fn placement(&self, values: &[&str]) -> Placement<Arc<Stored>> {
        self.catch_up().place(&self.0.governor, values)
    }

    /// Where the memory is full: the series for all that has no place of its own. What is idle
    /// makes room for those that come later.
    fn make_other(&self, log: &Log<'_>) -> Option<Arc<Stored>> {
        self.0.refusals.begin();
        if self.0.clearings.is_due() {
            self.make_room(log);
        }
        self.overflow_series(log)
    }

    fn overflow_series(&self, log: &Log<'_>) -> Option<Arc<Stored>> {
        self.other().or_else(|| self.append(log, &self.0.governor.collapsed(), Room::Reserve))
    }

    fn other(&self) -> Option<Arc<Stored>> {
        self.catch_up().find(&self.0.governor.collapsed())
    }

    /// The few series that count the overflow have their room when all else is full.
    fn room(&self) -> Room {
        if self.counts_overflow() { Room::Common } else { Room::Reserve }
    }

    fn append(&self, log: &Log<'_>, values: &[impl AsRef<str>], room: Room) -> Option<Arc<Stored>> {
        log.append(&self.0.shape.draft(&text(values)), room)?;
        let values: Vec<_> = values.iter().map(AsRef::as_ref).collect();
        self.catch_up().find(&values)
    }

    /// Brings what could be placed nowhere into the overflow series, if there is one or can be.
    pub(crate) fn settle(&self) {
        if !self.0.apart.is_empty() {
            let other = self.arena().log().and_then(|log| self.overflow_series(&log));
            if let Some(other) = other {
                self.0.apart.pour_into(&other);
            }
        }
    }

    /// Reads what others have added or removed.
    fn catch_up(&self) -> Arc<Directory> {
        let directory = self.0.directory.load_full();
        if directory.read == Some(self.arena().position()) {
            return directory;
        }
        let _taken = self.0.turn.take();
        let directory = self.0.directory.load_full();
        let news = self.arena().news(directory.read);
        let ours = news.records.into_iter().filter(|record| record.family == self.0.shape.key);
        let ours: Vec<_> = ours.filter_map(|record| self.read(record)).collect();
        let next = if ours.is_empty() && !news.anew {
            directory.moved(news.position)
        } else {
            directory.with(&self.0.governor, news.anew, ours, news.position)
        };
        let next = Arc::new(next);
        self.0.directory.store(Arc::clone(&next));
        next
    }

    /// The series of one of the family's records, if it is sound.
    pub(crate) fn read(&self, record: Record) -> Option<Stored> {
        record.is_series().then(|| Stored::of(&self.0.shape, record)).flatten()
    }

    fn arena(&self) -> &Arena {
        &self.0.shape.arena
    }
}

/// Making room.
impl Family {
    /// Notes which series nobody has used since the last note.
    pub(crate) fn note_idle(&self) {
        if self.0.notes.is_due() {
            self.0.notes.begin();
            let now = unix_seconds();
            self.catch_up().sorted().iter().for_each(|stored| stored.record.note_idle(now));
        }
    }

    /// Ends the series that have been idle; whether there were any.
    fn make_room(&self, log: &Log<'_>) -> bool {
        self.0.clearings.begin();
        let known = self.catch_up().sorted();
        let records = known.iter().map(|stored| &stored.record);
        log.kill_idle(records, self.0.rules.limits.idle.as_secs()) > 0
    }

    /// The series with a value of a label.
    pub(crate) fn with_value(&self, label: &str, value: &str) -> Vec<Arc<Stored>> {
        let Some(at) = self.labels().iter().position(|name| name == label) else {
            return Vec::new();
        };
        let known = self.catch_up().sorted();
        let has = |stored: &&Arc<Stored>| stored.values.get(at).is_some_and(|v| **v == *value);
        known.iter().filter(has).cloned().collect()
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

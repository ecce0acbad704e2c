//! The registry: all families of a service.

use std::hash::{BuildHasher, Hasher};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use indexmap::IndexMap;
use kyros_schema::names::label::TENANT_ID;
use kyros_schema::names::metric::{
    KYROS_ARENA_CAPACITY_BYTES, KYROS_ARENA_SHARED, KYROS_ARENA_UNSOUND_RECORDS,
    KYROS_ARENA_USED_BYTES, KYROS_BUILD_INFO, KYROS_SERIES_OVERFLOW_TOTAL, KYROS_WORKERS,
};
use kyros_schema::{Across, Metric, Schema};

use crate::arena::{Arena, Draft, Kind, Log, Position, Record, Room};
use crate::claims;
use crate::declaration;
use crate::error::Error;
use crate::exposition::{self, Format, Scrape};
use crate::family::Family;
use crate::governor::cut;
use crate::local::{Processes, is_process};
use crate::scrub::{self, Scrub};
use crate::sharing::Sharing;
use crate::turn::Turn;
use crate::value::RESERVED;

/// How much a registry may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most series of one metric in all workers, overflow included; at least 1.
    pub series_per_metric: usize,
    /// For how long nobody has to have used a series until it makes room for another. Where there
    /// is room, it stays.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { series_per_metric: 10_000, idle: Duration::from_hours(1) }
    }
}

/// What a registry is opened with.
#[derive(Clone, Debug)]
pub struct Options<'o> {
    /// The service, which shares its series with nobody else.
    pub service: &'o str,
    /// With which processes the series are shared.
    pub sharing: Sharing,
    /// How much there may be.
    pub limits: Limits,
    /// What may not be in a label value or help text.
    pub scrub: Scrub,
}

impl Default for Options<'_> {
    fn default() -> Self {
        let (sharing, limits) = (Sharing::default(), Limits::default());
        Self { service: "", sharing, limits, scrub: scrub::nothing }
    }
}

/// The longest help of an application's metric in bytes; the rest is cut off.
const LONGEST_HELP: usize = 1024;

/// How often a tenant's removal asks for the log, while others don't give it back.
const FORGET_TRIES: usize = 20;

/// What holds for every family of a registry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) limits: Limits,
    pub(crate) scrub: Scrub,
}

/// All families of a service: those of the schema, then those the application registers.
#[derive(Debug)]
pub struct Registry {
    schema: Schema,
    rules: Rules,
    arena: Arc<Arena>,
    problem: Option<Problem>,
    overflow: Option<Family>,
    known: ArcSwap<Known>,
    /// Among those who read the log for declarations.
    turn: Turn,
}

/// Why the series are this process' alone.
#[derive(Debug)]
struct Problem(io::Error);

/// The families, as far as the log has been read.
#[derive(Clone, Debug, Default)]
struct Known {
    read: Option<Position>,
    families: IndexMap<String, Family>,
    unsound: usize,
}

impl Registry {
    /// A registry with a family for each metric of the schema, shared with forked children.
    pub fn new(schema: &Schema) -> Self {
        Self::open(schema, &Options::default())
    }

    /// A registry of this process and those it shares its series with. Where the system gives no
    /// memory for that they are this process' alone, and [`Registry::problem`] says why.
    pub fn open(schema: &Schema, options: &Options<'_>) -> Self {
        let owner = owner(schema, options.service);
        let (arena, problem) = match Arena::open(&options.sharing, owner) {
            Ok(arena) => (arena, None),
            Err(error) => (Arena::with_children(owner), Some(Problem(error))),
        };
        let (arena, rules) =
            (Arc::new(arena), Rules { limits: options.limits, scrub: options.scrub });
        let registry = Self {
            overflow: overflow_family(schema, &arena, rules),
            schema: schema.clone(),
            rules,
            arena,
            problem,
            known: ArcSwap::default(),
            turn: Turn::new(),
        };
        registry.add_schema();
        registry.set(KYROS_BUILD_INFO, &[env!("CARGO_PKG_VERSION")], 1.0);
        registry
    }

    /// Why the series could not be shared, where they could not.
    pub fn problem(&self) -> Option<&io::Error> {
        self.problem.as_ref().map(|problem| &problem.0)
    }

    /// Whether the application has closed the file that is shared, so that there can be no new
    /// series.
    pub fn is_lost(&self) -> bool {
        self.arena.is_lost()
    }

    /// The family of a metric's name.
    pub fn family(&self, name: &str) -> Option<Family> {
        let known = self.known.load().families.get(name).cloned();
        known.or_else(|| self.catch_up().families.get(name).cloned())
    }

    /// The family of an application's own metric; the same one again for the same name, kind and
    /// labels, whichever worker has declared it. A declaration without buckets takes those of the
    /// family that is there, and one that adds up what workers set takes what that one does.
    pub fn register(&self, metric: &Metric) -> Result<Family, Error> {
        if let Some(family) = self.family(&metric.name) {
            return same(family, metric);
        }
        self.schema.admit(metric).map_err(Error::Refused)?;
        let family = self.declare(metric)?;
        family.start();
        Ok(family)
    }

    /// All families: the schema's in its order, then the application's by name.
    pub fn families(&self) -> Vec<Family> {
        let mut all: Vec<_> = self.catch_up().families.values().cloned().collect();
        let own = all.iter().position(|family| !self.schema.metrics.contains_key(family.name()));
        let own = own.unwrap_or(all.len());
        all[own..].sort_by(|a, b| a.name().cmp(b.name()));
        all
    }

    /// Removes all series of a tenant, in all workers, and returns how many there were. What the
    /// tenant does after that is counted anew. What stands for no tenant stays.
    pub fn forget_tenant(&self, tenant_id: &str) -> usize {
        if RESERVED.contains(&tenant_id) {
            return 0;
        }
        let (families, tenant_id) = (self.families(), cut(tenant_id));
        let Some(log) = (0..FORGET_TRIES).find_map(|_| self.arena.log()) else { return 0 };
        let theirs = families.iter().flat_map(|family| family.with_value(TENANT_ID, tenant_id));
        let theirs: Vec<_> = theirs.collect();
        log.kill(theirs.iter().map(|stored| &stored.record))
    }

    /// Claims a number for this process, where it is another one than before: after a fork.
    pub fn after_fork(&self) {
        self.arena.worker();
    }

    /// How many places of the shared memory hold no sound record.
    pub fn unsound_records(&self) -> usize {
        self.catch_up().unsound
    }

    /// The whole exposition as text, with the workers' own numbers of this moment.
    pub fn render(&self, format: Format) -> String {
        let workers = self.arena.look();
        self.state_arena(workers.len());
        let families = self.families();
        families.iter().for_each(Family::settle);
        families.iter().for_each(Family::note_idle);
        exposition::render(&families, Processes::of(&self.schema, &workers), format)
    }

    /// The answer to a scrape with these `Accept` and `Accept-Encoding` headers.
    pub fn scrape(&self, accept: Option<&str>, accept_encoding: Option<&str>) -> Scrape {
        let format = exposition::negotiate(accept);
        Scrape::of(self.render(format), format, accept_encoding)
    }
}

/// Families and their declarations.
impl Registry {
    fn add_schema(&self) {
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
            self.new_family(metric)
        })
    }

    fn new_family(&self, metric: Metric) -> Family {
        let (key, overflow) = (declaration::key(&metric), self.overflow.clone());
        Family::new(&self.schema, &self.arena, key, metric, self.rules, overflow)
    }

    /// Makes a metric known to all workers, unless another one has.
    fn declare(&self, metric: &Metric) -> Result<Family, Error> {
        let log = self.arena.log();
        let known = self.catch_up();
        if let Some(family) = known.families.get(&metric.name) {
            return same(family.clone(), metric);
        }
        self.check_claims(metric, &known)?;
        let mut metric = metric.clone();
        let help = metric.help.get(..metric.help.floor_char_boundary(LONGEST_HELP));
        metric.help = (self.rules.scrub)(help.unwrap_or_default()).into_owned();
        if let Some(log) = &log {
            append(log, &metric);
        }
        Ok(self.family(&metric.name).unwrap_or_else(|| self.add(metric)))
    }

    /// Adds a family that could not be declared to others.
    fn add(&self, metric: Metric) -> Family {
        let _taken = self.turn.take();
        let family = self.new_family(metric);
        let mut known = Known::clone(&self.known.load());
        known.families.insert(family.name().to_owned(), family.clone());
        self.known.store(Arc::new(known));
        family
    }

    /// Reads what others have declared.
    fn catch_up(&self) -> Arc<Known> {
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
        let family = self.new_family(metric);
        known.families.insert(family.name().to_owned(), family);
        Some(())
    }

    /// Refuses a metric that exposes a sample of one that is there.
    fn check_claims(&self, metric: &Metric, known: &Known) -> Result<(), Error> {
        let processes = self.schema.metrics.values().filter(|metric| is_process(metric));
        claims::check(metric, known.families.values().map(Family::metric).chain(processes))
    }
}

/// What the registry tells of itself.
impl Registry {
    #[expect(clippy::cast_precision_loss, reason = "counts and sizes stay far below 2^53")]
    fn state_arena(&self, workers: usize) {
        let arena = &self.arena;
        self.set(KYROS_WORKERS, &[], workers as f64);
        self.set(KYROS_ARENA_SHARED, &[], f64::from(u8::from(self.is_shared())));
        self.set(KYROS_ARENA_USED_BYTES, &[], arena.used_bytes() as f64);
        self.set(KYROS_ARENA_CAPACITY_BYTES, &[], arena.capacity_bytes() as f64);
        self.set(KYROS_ARENA_UNSOUND_RECORDS, &[], self.unsound_records() as f64);
    }

    fn is_shared(&self) -> bool {
        self.problem.is_none() && self.arena.is_shared()
    }

    fn set(&self, name: &str, values: &[&str], value: f64) {
        if let Some(family) = self.family(name) {
            family.series(values).set(value);
        }
    }
}

/// Whose series they are: of another service, schema or version they are others.
fn owner(schema: &Schema, service: &str) -> u64 {
    let mut hasher = foldhash::quality::FixedState::default().build_hasher();
    hasher.write_u64(schema.fingerprint());
    for part in [env!("CARGO_PKG_VERSION"), service] {
        hasher.write(part.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

fn append(log: &Log<'_>, metric: &Metric) {
    let (family, text) = (declaration::key(metric), declaration::write(metric));
    let draft = Draft { kind: Kind::Family, family, text: text.as_bytes(), values: 0 };
    log.append(&draft, Room::Reserve);
}

/// The family that counts the others' overflow; its own is counted nowhere.
fn overflow_family(schema: &Schema, arena: &Arc<Arena>, rules: Rules) -> Option<Family> {
    let metric = schema.metrics.get(KYROS_SERIES_OVERFLOW_TOTAL)?.clone();
    Some(Family::new(schema, arena, declaration::key(&metric), metric, rules, None))
}

fn same(family: Family, metric: &Metric) -> Result<Family, Error> {
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

//! The registry: all families of a service.

mod declared;

use std::hash::{BuildHasher, Hasher};
use std::io;
use std::sync::Arc;

use arc_swap::ArcSwap;
use kyros_schema::names::label::TENANT_ID;
use kyros_schema::names::metric::{
    KYROS_ARENA_CAPACITY_BYTES, KYROS_ARENA_SHARED, KYROS_ARENA_UNSOUND_RECORDS,
    KYROS_ARENA_USED_BYTES, KYROS_BUILD_INFO, KYROS_SERIES_OVERFLOW_TOTAL, KYROS_WORKERS,
};
use kyros_schema::{Metric, Schema};

use crate::arena::Arena;
use crate::error::Error;
use crate::exposition::{self, Format, Scrape};
use crate::family::Family;
use crate::governor::cut;
use crate::local::Processes;
use crate::options::{Options, Rules};
use crate::turn::Turn;
use crate::value::RESERVED;
use declared::{Known, same};

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

impl Registry {
    /// A registry with a family for each metric of the schema, shared with forked children.
    pub fn new(schema: &Schema) -> Self {
        Self::open(schema, &Options::default())
    }

    /// A registry of this process and those it shares its series with. Where the system gives no
    /// memory for that they are this process' alone, and [`Registry::problem`] says why.
    pub fn open(schema: &Schema, options: &Options<'_>) -> Self {
        let owner = owner(schema, options);
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
    ///
    /// # Errors
    /// [`Error::Rewritten`] where redaction leaves other than the id in a series, [`Error::Busy`]
    /// where another process doesn't let this one change anything.
    pub fn forget_tenant(&self, tenant_id: &str) -> Result<usize, Error> {
        if RESERVED.contains(&tenant_id) {
            return Ok(0);
        }
        if (self.rules.scrub)(tenant_id) != tenant_id {
            return Err(Error::Rewritten);
        }
        let (families, tenant_id) = (self.families(), cut(tenant_id));
        let log = self.arena.log_again().ok_or(Error::Busy)?;
        let theirs = families.iter().flat_map(|family| family.with_value(TENANT_ID, tenant_id));
        let theirs: Vec<_> = theirs.collect();
        Ok(log.kill(theirs.iter().map(|stored| &stored.record)))
    }

    /// Brings in what could not be counted yet; to be called before a process ends.
    pub fn settle(&self) {
        self.families().iter().for_each(Family::settle);
    }

    /// Claims a number for this process, where it is another one than before: after a fork. What
    /// the parent could not count yet is its own.
    pub fn after_fork(&self) {
        self.arena.worker();
        self.families().iter().for_each(Family::disown);
    }

    /// How many places of the shared memory hold no sound record.
    pub fn unsound_records(&self) -> usize {
        self.catch_up().unsound
    }

    /// The whole exposition as text, with the workers' own numbers of this moment.
    pub fn render(&self, format: Format) -> String {
        self.arena.worker();
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
fn owner(schema: &Schema, options: &Options<'_>) -> u64 {
    let mut hasher = foldhash::quality::FixedState::default().build_hasher();
    hasher.write_u64(schema.fingerprint());
    for part in [env!("CARGO_PKG_VERSION"), options.service, options.env] {
        hasher.write(part.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

/// The family that counts the others' overflow; its own is counted nowhere.
fn overflow_family(schema: &Schema, arena: &Arc<Arena>, rules: Rules) -> Option<Family> {
    let metric = schema.metrics.get(KYROS_SERIES_OVERFLOW_TOTAL)?.clone();
    Some(Family::new(schema, arena, metric, rules, None, true))
}

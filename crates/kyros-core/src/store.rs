//! The store of metrics: with whom it is shared, what an application adds to it, what it tells.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use kyros_metrics::{Family, Limits, Options, Registry, Sharing};
use kyros_schema::names::{metric, setting};
use kyros_schema::{Across, Decimal, Metric, MetricKind};

use crate::error::Error;
use crate::instrumentation::component;
use crate::runtime::Runtime;
use crate::settings::Settings;

/// A registry for a service.
pub(crate) fn open(settings: &Settings, sharing: Sharing) -> Registry {
    let (service, env) = (settings.service(), settings.env());
    let scrub = kyros_redact::label_value;
    let limits = Limits::default();
    Registry::open(settings.schema(), &Options { service, env, sharing, limits, scrub })
}

pub(crate) fn sharing(settings: &Settings, supervisor: Option<u32>) -> Sharing {
    let named = settings.get(setting::ARENA).map(|path| Sharing::File(path.into()));
    named.or(supervisor.map(Sharing::Supervisor)).unwrap_or_default()
}

/// Whoever names a file wants it to be shared.
pub(crate) fn check(settings: &Settings, registry: &Registry) -> Result<(), Error> {
    match settings.get(setting::ARENA).zip(registry.problem()) {
        Some((path, problem)) => {
            Err(Error::Arena { path: path.to_owned(), problem: problem.to_string() })
        }
        None => Ok(()),
    }
}

/// What the log says of the store already.
#[derive(Default)]
pub(crate) struct Told {
    unsound: AtomicUsize,
    lost: AtomicBool,
}

impl Runtime {
    /// The family of an application's own metric; the same one for the same declaration. A
    /// histogram without buckets has those of request durations.
    ///
    /// # Errors
    /// [`Error::Metric`] or [`Error::Declaration`] where it breaks a rule of the schema.
    pub fn register(
        &self,
        kind: &str,
        name: &str,
        help: &str,
        labels: Vec<String>,
        buckets: &[String],
        across: &str,
    ) -> Result<Family, Error> {
        let refuse = |problem: String| Error::Declaration { metric: name.to_owned(), problem };
        let kind =
            MetricKind::of_word(kind).ok_or_else(|| refuse(format!("no such kind: `{kind}`")))?;
        let mut declared = Metric::own(name, kind, help, labels);
        let bounds = buckets.iter().map(|bound| bucket(bound)).collect::<Result<_, _>>();
        declared.buckets = bounds.map_err(refuse)?;
        declared.across = Across::of_word(across).ok_or_else(|| refuse(no_across(across)))?;
        if kind == MetricKind::Histogram && declared.buckets.is_empty() {
            declared.buckets = self.default_buckets();
        }
        Ok(self.registry().register(&declared)?)
    }

    /// Removes all series of a tenant, in all workers, and returns how many there were.
    ///
    /// # Errors
    /// [`Error::Metric`] where they can't be told from others', or are locked.
    pub fn forget_tenant(&self, tenant_id: &str) -> Result<usize, Error> {
        Ok(self.registry().forget_tenant(tenant_id)?)
    }

    /// Says once why workers can't share their metrics.
    pub(crate) fn tell_unshared(&self) {
        if let Some(problem) = self.registry().problem() {
            let message = format!(
                "metrics are this process' alone: {problem}, hint: give the \
                 container memory at `/dev/shm`, or name a file by `KYROS_OBS_ARENA`"
            );
            self.failed(component::METRICS, &message);
        }
    }

    /// Says where the shared memory holds more that is no sound record than before, and where the
    /// application has closed its file.
    pub(crate) fn tell_damage(&self) {
        let unsound = self.registry().unsound_records();
        if self.told().unsound.swap(unsound, Ordering::Relaxed) < unsound {
            let message = format!("records of the arena that are not sound, left out: {unsound}");
            self.failed(component::METRICS, &message);
        }
        if self.registry().is_lost() && !self.told().lost.swap(true, Ordering::Relaxed) {
            let message = "the application has closed the file of the arena, new series go to \
                           `_other`, hint: call `configure` after it has closed its files";
            self.failed(component::METRICS, message);
        }
    }

    fn default_buckets(&self) -> Vec<Decimal> {
        let row = self.settings().schema().metrics.get(metric::HTTP_REQUEST_DURATION_SECONDS);
        row.map_or_else(Vec::new, |row| row.buckets.clone())
    }
}

fn no_across(word: &str) -> String {
    format!("no such `across`: {word}\n  hint: one of `sum`, `max`, `min`")
}

fn bucket(bound: &str) -> Result<Decimal, String> {
    bound.parse().map_err(|_| format!("no bucket bound: `{bound}`"))
}

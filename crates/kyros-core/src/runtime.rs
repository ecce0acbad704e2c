//! What a process has once it is configured.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kyros_audit::{Dsn, Options, Trail};
use kyros_logs::{Encoder, Level, Log, Sink};
use kyros_metrics::{Family, Limits, Registry};
use kyros_redact::Redactor;
use kyros_schema::names::{metric, setting};
use kyros_schema::{Decimal, Metric, MetricKind};

use crate::email::EmailHasher;
use crate::error::Error;
use crate::families::Families;
use crate::instrumentation::Reported;
use crate::line::Entry;
use crate::per_process::PerProcess;
use crate::settings::Settings;
use crate::trail::{self, Stated};

/// The longest that closing waits for audit events to reach Postgres; the spool keeps the rest.
const CLOSING: Duration = Duration::from_secs(3);

/// Metrics, log and audit trail of a process, and the settings they were made from.
pub struct Runtime {
    settings: Settings,
    registry: Registry,
    families: Families,
    log: Option<Log>,
    trail: Trail,
    redactor: Redactor,
    emails: EmailHasher,
    warned_of_key: AtomicBool,
    reported: PerProcess<Reported>,
    stated: PerProcess<Stated>,
}

impl Runtime {
    /// A runtime that writes lines to standard output and audit events to the spool and, with a
    /// DSN, to Postgres. It starts no thread before the first audit event.
    ///
    /// # Errors
    /// [`Error::Audit`] where the spool's directory can't be used.
    pub fn start(settings: Settings) -> Result<Arc<Self>, Error> {
        let sink = settings.flag(setting::LOGS).then(Sink::stdout);
        let dsn = settings.get(setting::AUDIT_DSN).map(Dsn::new);
        Self::assemble(settings, sink, dsn)
    }

    /// A runtime for tests: lines stay in memory, audit events in the spool.
    ///
    /// # Errors
    /// As [`Runtime::start`].
    pub fn capture(settings: Settings) -> Result<Arc<Self>, Error> {
        Self::assemble(settings, Some(Sink::memory()), None)
    }

    fn assemble(
        settings: Settings,
        sink: Option<Sink>,
        dsn: Option<Dsn>,
    ) -> Result<Arc<Self>, Error> {
        let scrub = kyros_redact::label_value;
        let registry = Registry::with_scrub(settings.schema(), Limits::default(), scrub);
        let families = Families::of(&registry).ok_or_else(incomplete)?;
        let observer = Some(trail::observer(&families));
        let trail = Options { dsn, observer, ..Options::new(settings.spool_dir()) };
        let encoder = Encoder::new(settings.schema(), settings.service(), settings.env());
        let runtime = Self {
            trail: Trail::open(trail)?,
            redactor: Redactor::of(settings.schema()),
            emails: EmailHasher::new(settings.get(setting::PII_KEY)),
            warned_of_key: AtomicBool::new(false),
            reported: PerProcess::default(),
            stated: PerProcess::default(),
            settings,
            registry,
            families,
            log: sink.map(|sink| Log::new(encoder, sink)),
        };
        runtime.initialise_events();
        let missing = if runtime.emails.has_key() { 0.0 } else { 1.0 };
        runtime.families.pii_key_missing.series(&[]).set(missing);
        Ok(Arc::new(runtime))
    }

    /// The service's name.
    pub fn service(&self) -> &str {
        self.settings.service()
    }

    /// A setting's value, given or by default.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name)
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

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
    ) -> Result<Family, Error> {
        let refuse = |problem: String| Error::Declaration { metric: name.to_owned(), problem };
        let kind = metric_kind(kind).ok_or_else(|| refuse(format!("no such kind: `{kind}`")))?;
        let mut declared = Metric::own(name, kind, help, labels);
        let bounds = buckets.iter().map(|bound| bucket(bound)).collect::<Result<_, _>>();
        declared.buckets = bounds.map_err(refuse)?;
        if kind == MetricKind::Histogram && declared.buckets.is_empty() {
            declared.buckets = self.default_buckets();
        }
        Ok(self.registry.register(&declared)?)
    }

    /// The lines written so far, in a runtime for tests.
    pub fn lines(&self) -> Vec<String> {
        self.log.as_ref().map_or_else(Vec::new, |log| log.sink().lines())
    }

    /// The audit events in the spool that are not in Postgres, as JSON.
    ///
    /// # Errors
    /// [`Error::Audit`] where the spool can't be read.
    pub fn audit_events(&self) -> Result<Vec<String>, Error> {
        Ok(self.trail.pending_events()?)
    }

    /// Makes a child of `fork` a process of its own: its own spool, writer and sequences.
    pub fn after_fork(&self) {
        if let Some(log) = &self.log {
            log.after_fork();
        }
        self.trail.after_fork();
        self.reported.after_fork();
        self.stated.after_fork();
    }

    /// Waits a moment for audit events to reach Postgres; the spool keeps what doesn't.
    pub fn close(&self) {
        self.trail.close(CLOSING);
    }

    fn default_buckets(&self) -> Vec<Decimal> {
        let row = self.settings.schema().metrics.get(metric::HTTP_REQUEST_DURATION_SECONDS);
        row.map_or_else(Vec::new, |row| row.buckets.clone())
    }
}

impl Runtime {
    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn families(&self) -> &Families {
        &self.families
    }

    pub(crate) fn log_sink(&self) -> Option<&Log> {
        self.log.as_ref()
    }

    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    pub(crate) fn trail(&self) -> &Trail {
        &self.trail
    }

    pub(crate) fn reported(&self) -> &Reported {
        self.reported.get()
    }

    pub(crate) fn stated(&self) -> &Stated {
        self.stated.get()
    }

    /// The hash of an address. Without a key there is none, which is said once.
    pub(crate) fn email_hash(&self, email: &str) -> Option<String> {
        if !self.emails.has_key() && !self.warned_of_key.swap(true, Ordering::Relaxed) {
            let message =
                "no key for `email_hash`, so that it is null, hint: set `KYROS_OBS_PII_KEY_FILE`";
            self.write(Entry::log(Level::Warn, env!("CARGO_PKG_NAME"), message), None);
        }
        self.emails.hash(email)
    }
}

fn metric_kind(word: &str) -> Option<MetricKind> {
    [MetricKind::Counter, MetricKind::Gauge, MetricKind::Histogram, MetricKind::Summary]
        .into_iter()
        .find(|kind| kind.as_str() == word)
}

fn bucket(bound: &str) -> Result<Decimal, String> {
    bound.parse().map_err(|_| format!("no bucket bound: `{bound}`"))
}

fn incomplete() -> Error {
    Error::Settings(vec!["the embedded schema lacks a metric of the runtime".to_owned()])
}

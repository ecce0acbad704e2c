//! What a process has once it is configured.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kyros_audit::{Dsn, Trail};
use kyros_logs::{Encoder, Level, Log, Sink};
use kyros_metrics::{Registry, Sharing};
use kyros_redact::Redactor;
use kyros_schema::names::setting;

use crate::email::EmailHasher;
use crate::error::Error;
use crate::families::Families;
use crate::instrumentation::Reported;
use crate::line::Entry;
use crate::per_process::PerProcess;
use crate::settings::Settings;
use crate::span::Spans;
use crate::store::{self, Told};
use crate::trail::{self, Stated};

/// The longest that closing waits for audit events to reach Postgres, of which the spool keeps the
/// rest, and for spans to reach their receiver.
const CLOSING: Duration = Duration::from_secs(3);
/// What spans get of it even where audit events have used it up.
const LAST: Duration = Duration::from_millis(500);

/// Metrics, log, audit trail and spans of a process, and the settings they were made from.
pub struct Runtime {
    settings: Settings,
    registry: Registry,
    families: Families,
    log: Option<Log>,
    trail: Trail,
    spans: Option<Spans>,
    redactor: Redactor,
    emails: EmailHasher,
    warned_of_key: AtomicBool,
    reported: PerProcess<Reported>,
    stated: PerProcess<Stated>,
    told: Told,
}

impl Runtime {
    /// A runtime that writes lines to standard output and audit events to the spool and, with a
    /// DSN, to Postgres, and sends spans where the settings name a receiver. Its metrics are shared with the children it forks and, where the process
    /// has a supervisor, with the other children of that one. It starts no thread before the first
    /// audit event or span.
    ///
    /// # Errors
    /// [`Error::Audit`] where the spool's directory can't be used, [`Error::Arena`] where the file
    /// of the setting can't be.
    pub fn start(settings: Settings, supervisor: Option<u32>) -> Result<Arc<Self>, Error> {
        let sink = settings.flag(setting::LOGS).then(Sink::stdout);
        let dsn = settings.get(setting::AUDIT_DSN).map(Dsn::new);
        let registry = store::open(&settings, store::sharing(&settings, supervisor));
        Self::assemble(settings, registry, sink, dsn)
    }

    /// A runtime for tests: lines stay in memory, audit events in the spool.
    ///
    /// # Errors
    /// As [`Runtime::start`].
    pub fn capture(settings: Settings) -> Result<Arc<Self>, Error> {
        let registry = store::open(&settings, Sharing::Forks);
        Self::assemble(settings, registry, Some(Sink::memory()), None)
    }

    fn assemble(
        settings: Settings,
        registry: Registry,
        sink: Option<Sink>,
        dsn: Option<Dsn>,
    ) -> Result<Arc<Self>, Error> {
        store::check(&settings, &registry)?;
        let families = Families::of(&registry).ok_or_else(incomplete)?;
        let redactor = Redactor::of(settings.schema());
        let spans = settings.traces().map(|traces| Spans::new(traces, &redactor, &families));
        let trail = kyros_audit::Options {
            dsn,
            observer: Some(trail::observer(&families)),
            measure: spans.as_ref().map(Spans::measure),
            ..kyros_audit::Options::new(settings.spool_dir())
        };
        let encoder = Encoder::new(settings.schema(), settings.service(), settings.env());
        let runtime = Self {
            trail: Trail::open(trail)?,
            spans,
            redactor,
            emails: EmailHasher::new(settings.get(setting::PII_KEY)),
            warned_of_key: AtomicBool::new(false),
            reported: PerProcess::default(),
            stated: PerProcess::default(),
            told: Told::default(),
            settings,
            registry,
            families,
            log: sink.map(|sink| Log::new(encoder, sink)),
        };
        runtime.tell_unshared();
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
        self.registry.after_fork();
        self.trail.after_fork();
        if let Some(spans) = &self.spans {
            spans.after_fork();
        }
        self.reported.after_fork();
        self.stated.after_fork();
    }

    /// Waits a moment for audit events to reach Postgres, of which the spool keeps what doesn't, and
    /// for spans to reach their receiver.
    pub fn close(&self) {
        self.registry.settle();
        let until = Instant::now() + CLOSING;
        self.spans.iter().for_each(Spans::hurry);
        self.trail.close(CLOSING);
        if let Some(spans) = &self.spans {
            spans.close(until.saturating_duration_since(Instant::now()).max(LAST));
        }
    }
}

impl Runtime {
    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn told(&self) -> &Told {
        &self.told
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

    pub(crate) fn spans(&self) -> Option<&Spans> {
        self.spans.as_ref()
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

fn incomplete() -> Error {
    Error::Settings(vec!["the embedded schema lacks a metric of the runtime".to_owned()])
}

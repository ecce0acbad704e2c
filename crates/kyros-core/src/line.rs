//! Log lines: what the measurement knows, handed to the one encoder.

use jiff::Timestamp;
use kyros_logs::{ErrorData, Http, Identity, Level, Record};
use kyros_redact::{Findings, Value};

use crate::context::{Context, Known};
use crate::email;
use crate::runtime::Runtime;

/// The event of the line that is written for each request.
pub(crate) const ACCESS: &str = "access";
/// The event of a line that came through `logging`.
const LOG: &str = "log";

/// An exception as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its type.
    pub kind: String,
    /// Its message; redacted when it is written.
    pub message: String,
    /// Where it came through, innermost last.
    pub frames: Vec<String>,
}

impl Failure {
    fn as_data(&self) -> ErrorData<'_> {
        ErrorData { kind: &self.kind, message: &self.message, frames: &self.frames }
    }
}

/// What is to be written.
pub(crate) struct Entry<'a> {
    pub(crate) level: Level,
    pub(crate) event: &'a str,
    pub(crate) message: Option<&'a str>,
    pub(crate) http: Option<Http<'a>>,
    pub(crate) outcome: Option<&'a str>,
    pub(crate) logger: Option<&'a str>,
    pub(crate) error: Option<&'a Failure>,
    pub(crate) fields: Vec<(String, Value)>,
}

impl<'a> Entry<'a> {
    pub(crate) fn new(level: Level, event: &'a str) -> Self {
        Self {
            level,
            event,
            message: None,
            http: None,
            outcome: None,
            logger: None,
            error: None,
            fields: Vec::new(),
        }
    }

    pub(crate) fn log(level: Level, logger: &'a str, message: &'a str) -> Self {
        Self { message: Some(message), logger: Some(logger), ..Self::new(level, LOG) }
    }
}

impl Runtime {
    /// Writes a record of Python's `logging`, for the request it was logged in.
    pub fn log(
        &self,
        level: Level,
        logger: &str,
        message: &str,
        error: Option<&Failure>,
        fields: Vec<(String, Value)>,
        context: Option<&Context>,
    ) {
        let entry = Entry { error, fields, ..Entry::log(level, logger, message) };
        self.write(entry, context);
    }

    /// Writes one line, unless its level is below the least that is written.
    pub(crate) fn write(&self, entry: Entry<'_>, context: Option<&Context>) {
        let Some(log) = self.log_sink().filter(|_| entry.level >= self.settings().log_level())
        else {
            return;
        };
        let known = context.map(Context::known).unwrap_or_default();
        let mut findings = Findings::default();
        let written = self.with_record(entry, context, known, |record| {
            log.write(record, Timestamp::now(), &mut findings)
        });
        if written.is_err() {
            self.families().log_write_errors.series(&[]).add(1.0);
        }
        self.count_redactions(&findings);
    }

    pub(crate) fn count_redactions(&self, findings: &Findings) {
        for (class, count) in findings.iter() {
            #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
            self.families().redactions.series(&[class]).add(count as f64);
        }
    }

    /// Makes the record of an entry and lends it out.
    fn with_record<T>(
        &self,
        entry: Entry<'_>,
        context: Option<&Context>,
        known: Known,
        lend: impl FnOnce(&Record<'_>) -> T,
    ) -> T {
        let identity = known.identity();
        let mut fields = [known.fields, entry.fields].concat();
        let claimed = identity.email.is_none().then(|| email::claimed(&mut fields)).flatten();
        let stand_ins = self.stand_ins(identity.email.as_deref().or(claimed.as_deref()));
        let shown = entry.http.is_some() && self.settings().email_in_access_lines();
        let trace = context.map(Context::trace);
        lend(&Record {
            level: entry.level,
            event: entry.event,
            message: entry.message,
            http: entry.http,
            identity: Identity {
                sub: identity.sub.as_deref(),
                email: identity.email.as_deref().filter(|_| shown),
                email_hash: stand_ins.hash.as_deref(),
                email_domain: stand_ins.domain.as_deref(),
                tenant_id: identity.tenant_id.as_deref(),
            },
            dashboard_slug: known.dashboard.as_deref(),
            trace_id: trace.map(|trace| trace.trace_id.to_string()).as_deref(),
            span_id: trace.map(|trace| trace.span_id.to_string()).as_deref(),
            outcome: entry.outcome,
            logger: entry.logger,
            error: entry.error.map(Failure::as_data),
            fields: &Value::Map(fields),
        })
    }
}

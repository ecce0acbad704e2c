//! Statements that a request waits for.

mod operation;

use std::time::{Duration, SystemTime};

use kyros_metrics::{Exemplar, value};
use kyros_schema::names::operation::CONNECT;
use kyros_traces::TraceContext;

use crate::context::Context;
use crate::runtime::Runtime;
use operation::operation;

/// What was asked of a database, and how it answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query<'a> {
    /// The kind of database, as `SQLAlchemy` names its dialect.
    pub system: &'a str,
    /// The statement, of which only its kind is kept; none for an attempt to connect.
    pub statement: Option<&'a str>,
    /// The time until it came; none where only the failure is known.
    pub took: Option<Duration>,
    /// Whether it was a refusal, or never came.
    pub failed: bool,
}

impl Runtime {
    /// Measures a query for the tenant of the request that waits for it, in whose trace it is a
    /// span.
    pub fn query(&self, query: &Query<'_>, context: Option<&Context>) {
        self.query_within(query, context.map(|context| (context, context.trace())));
    }

    /// The same below this span.
    pub(crate) fn query_within(
        &self,
        query: &Query<'_>,
        waiting: Option<(&Context, &TraceContext)>,
    ) {
        let context = waiting.map(|(context, _)| context);
        let tenant = context.and_then(|context| context.identity().tenant_id);
        let tenant = tenant.as_deref().unwrap_or(value::NONE);
        let operation = query.statement.map_or(CONNECT, operation);
        let labels = [self.settings().service(), operation, tenant];
        let trace = context.map(|context| *context.trace().trace_id.as_bytes());
        let exemplar = trace.map(|trace| Exemplar::new(trace, SystemTime::now()));
        let families = self.families();
        if let Some(took) = query.took {
            families.query_durations.series(&labels).observe_with(took.as_secs_f64(), exemplar);
        }
        if query.failed {
            families.query_errors.series(&labels).add_with(1.0, exemplar);
        }
        if let Some(((context, caller), took)) = waiting.zip(query.took) {
            self.trace_query(query, operation, took, context, caller);
        }
    }
}

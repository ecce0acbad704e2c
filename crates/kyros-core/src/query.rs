//! Statements that a request waits for.

mod operation;

use std::time::{Duration, SystemTime};

use kyros_metrics::{Exemplar, value};
use kyros_schema::names::operation::CONNECT;

use crate::context::Context;
use crate::runtime::Runtime;
use operation::operation;

/// The answer of a database, or that there was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The time until it came; none where only the failure is known.
    pub took: Option<Duration>,
    /// Whether it was a refusal, or never came.
    pub failed: bool,
}

impl Runtime {
    /// Measures a statement, of which only its kind is kept, for the tenant of the request that
    /// waits for it; without one, the attempt to connect.
    pub fn query(&self, statement: Option<&str>, answered: Answered, context: Option<&Context>) {
        let tenant = context.and_then(|context| context.identity().tenant_id);
        let tenant = tenant.as_deref().unwrap_or(value::NONE);
        let labels = [self.settings().service(), statement.map_or(CONNECT, operation), tenant];
        let trace = context.map(|context| *context.trace().trace_id.as_bytes());
        let exemplar = trace.map(|trace| Exemplar::new(trace, SystemTime::now()));
        let families = self.families();
        if let Some(took) = answered.took {
            families.query_durations.series(&labels).observe_with(took.as_secs_f64(), exemplar);
        }
        if answered.failed {
            families.query_errors.series(&labels).add_with(1.0, exemplar);
        }
    }
}

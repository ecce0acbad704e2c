//! What a request waits for: databases and caches.

use std::time::Duration;

use kyros_core::Query;
use pyo3::prelude::*;

use crate::callback::Callback;
use crate::record::tenant_context;
use crate::runtime::Runtime;

/// Measure a statement of a database, of which only its kind is kept, or without one the attempt to connect.
#[pyfunction]
#[pyo3(signature = (
    runtime: "Runtime", system, statement, seconds, failed, record: "Request | Callback | None"
))]
pub(crate) fn query(
    py: Python<'_>,
    runtime: &Bound<'_, Runtime>,
    system: &str,
    statement: Option<&str>,
    seconds: Option<f64>,
    failed: bool,
    record: Option<&Bound<'_, PyAny>>,
) {
    let took = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let (runtime, context) = (&runtime.get().0, tenant_context(record));
    let query = Query { system, statement, took, failed };
    let callback = record.and_then(|record| record.cast::<Callback>().ok());
    let callback = callback.map(|callback| &callback.get().measured);
    py.detach(|| match callback {
        Some(callback) => callback.query(&query),
        None => runtime.query(&query, context.as_deref()),
    });
}

/// Count a look into a cache by what it came to.
#[pyfunction]
#[pyo3(signature = (runtime: "Runtime", cache, result, record: "Request | Callback | None"))]
pub(crate) fn cache_request(
    py: Python<'_>,
    runtime: &Bound<'_, Runtime>,
    cache: &str,
    result: &str,
    record: Option<&Bound<'_, PyAny>>,
) {
    let (runtime, context) = (&runtime.get().0, tenant_context(record));
    py.detach(|| runtime.cache_request(cache, result, context.as_deref()));
}

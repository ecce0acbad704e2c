//! Reading ASGI scopes and messages.

use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

/// The W3C headers of a request.
#[derive(Default)]
pub(crate) struct TraceHeaders {
    pub(crate) traceparent: Option<String>,
    pub(crate) tracestate: Option<String>,
}

/// Notes what a message says of the answer.
pub(crate) fn observe(message: &Bound<'_, PyAny>, request: &kyros_core::Request) -> PyResult<()> {
    let kind = message.get_item("type")?;
    match kind.extract::<&str>()? {
        "http.response.start" => request.status(message.get_item("status")?.extract()?),
        "http.response.body" => {
            let size = optional(message, "body")?.map_or(Ok(0), |body| size(&body))?;
            let more = optional(message, "more_body")?
                .is_some_and(|more| more.is_truthy().unwrap_or(false));
            request.sent(size, !more);
        }
        "http.response.pathsend" => {
            let path: std::path::PathBuf = message.get_item("path")?.extract()?;
            request.sent(std::fs::metadata(path)?.len(), true);
        }
        _ => {}
    }
    Ok(())
}

/// The first value of each header; one that is no UTF-8 counts as absent.
pub(crate) fn trace_headers(scope: &Bound<'_, PyDict>) -> PyResult<TraceHeaders> {
    let mut found = TraceHeaders::default();
    for header in item(scope, "headers")?.try_iter()? {
        let (name, value): (Bound<'_, PyBytes>, Bound<'_, PyBytes>) = header?.extract()?;
        let slot = match name.as_bytes() {
            b"traceparent" => &mut found.traceparent,
            b"tracestate" => &mut found.tracestate,
            _ => continue,
        };
        if slot.is_none() {
            *slot = std::str::from_utf8(value.as_bytes()).ok().map(ToOwned::to_owned);
        }
    }
    Ok(found)
}

/// What a scope has to have.
pub(crate) fn item<'py>(scope: &Bound<'py, PyDict>, key: &str) -> PyResult<Bound<'py, PyAny>> {
    scope.get_item(key)?.ok_or_else(|| PyKeyError::new_err(key.to_owned()))
}

fn optional<'py>(message: &Bound<'py, PyAny>, key: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    match message.cast::<PyDict>() {
        Ok(message) => message.get_item(key),
        Err(_) => message.call_method1("get", (key,)).map(Some),
    }
}

/// Bytes of a body, which may be any object with the buffer protocol.
fn size(body: &Bound<'_, PyAny>) -> PyResult<u64> {
    let length = match body.cast::<PyBytes>() {
        Ok(bytes) => bytes.as_bytes().len(),
        Err(_) => pyo3::types::PyMemoryView::from(body)?.getattr("nbytes")?.extract()?,
    };
    Ok(u64::try_from(length).unwrap_or(u64::MAX))
}

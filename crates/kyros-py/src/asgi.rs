//! Reading ASGI scopes and messages.

use kyros_core::names::probe;
use pyo3::exceptions::PyKeyError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::request::Request;

/// The message that begins an answer.
const START: &str = "http.response.start";

/// The versions of HTTP and WebSocket scopes in which `send` never raises for a client that is gone.
const SILENT: [&str; 4] = ["2.0", "2.1", "2.2", "2.3"];

/// The W3C headers of a request.
#[derive(Default)]
pub(crate) struct TraceHeaders {
    pub(crate) traceparent: Option<String>,
    pub(crate) tracestate: Option<String>,
}

/// What is noted of a message.
pub(crate) type Note = fn(&Bound<'_, PyAny>, &Request) -> PyResult<()>;

/// Notes what is sent.
pub(crate) fn sent(message: &Bound<'_, PyAny>, request: &Request) -> PyResult<()> {
    let kind = message.get_item(intern!(message.py(), "type"))?;
    let kind = kind.extract()?;
    if kind == START {
        request.tell(message.py());
    }
    answered(kind, message, &request.measured)
}

/// Notes what a message of this type says of an answer.
pub(crate) fn answered(
    kind: &str,
    message: &Bound<'_, PyAny>,
    request: &kyros_core::Request,
) -> PyResult<()> {
    match part(kind, message)? {
        Some(Part::Start(status)) => request.started(status),
        Some(Part::Body(bytes, last)) => request.sent(bytes, last),
        None => {}
    }
    Ok(())
}

/// Takes back what was noted as sent, since the server couldn't.
pub(crate) fn take_back(message: &Bound<'_, PyAny>, request: &Request) -> PyResult<()> {
    let kind = message.get_item(intern!(message.py(), "type"))?;
    match part(kind.extract()?, message)? {
        Some(Part::Start(_)) => request.measured.refused(None),
        Some(Part::Body(bytes, _)) => request.measured.refused(Some(bytes)),
        None => request.measured.disconnected(),
    }
    Ok(())
}

/// Notes what is received: body bytes, or that the client is gone.
pub(crate) fn received(message: &Bound<'_, PyAny>, request: &Request) -> PyResult<()> {
    let kind = message.get_item(intern!(message.py(), "type"))?;
    match kind.extract::<&str>()? {
        "http.request" => request.measured.received(body_size(message)?),
        "http.disconnect" => request.measured.disconnected(),
        _ => {}
    }
    Ok(())
}

/// What a message says of the answer.
enum Part {
    /// It begins with this status.
    Start(u16),
    /// So many body bytes; whether they are the last.
    Body(u64, bool),
}

/// Reads a message of an answer; none where it is about neither status nor body.
fn part(kind: &str, message: &Bound<'_, PyAny>) -> PyResult<Option<Part>> {
    let py = message.py();
    Ok(match kind {
        START => Some(Part::Start(message.get_item(intern!(py, "status"))?.extract()?)),
        "http.response.body" => Some(Part::Body(body_size(message)?, is_last(message)?)),
        "http.response.pathsend" => {
            let path: std::path::PathBuf = message.get_item(intern!(py, "path"))?.extract()?;
            Some(Part::Body(std::fs::metadata(path)?.len(), true))
        }
        "http.response.zerocopysend" => Some(Part::Body(zero_copied(message)?, is_last(message)?)),
        _ => None,
    })
}

/// The first value of each header; one that is no UTF-8 counts as absent.
pub(crate) fn trace_headers(scope: &Bound<'_, PyDict>) -> PyResult<TraceHeaders> {
    let mut found = TraceHeaders::default();
    for (name, value) in headers(scope)? {
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

/// Name and value of a header.
type Header<'py> = (Bound<'py, PyBytes>, Bound<'py, PyBytes>);

/// The headers of a scope, without what is none.
pub(crate) fn headers<'py>(
    scope: &Bound<'py, PyDict>,
) -> PyResult<impl Iterator<Item = Header<'py>> + use<'py>> {
    let headers = scope.get_item(intern!(scope.py(), "headers"))?.filter(|it| !it.is_none());
    let headers = headers.map(|headers| headers.try_iter()).transpose()?;
    Ok(headers.into_iter().flatten().filter_map(|one| header(&one.ok()?)))
}

/// One header, which is a tuple with most servers, and may be any two items.
fn header<'py>(header: &Bound<'py, PyAny>) -> Option<Header<'py>> {
    let items = || Some((header.get_item(0).ok()?, header.get_item(1).ok()?));
    header.extract().ok().or_else(|| {
        let (name, value) = items()?;
        Some((name.cast_into().ok()?, value.cast_into().ok()?))
    })
}

/// The path, without the prefix that a proxy has in front of the service.
pub(crate) fn path(scope: &Bound<'_, PyDict>) -> Option<String> {
    let py = scope.py();
    let text = |key| scope.get_item(key).ok().flatten()?.extract::<String>().ok();
    let path = text(intern!(py, "path"))?;
    let prefix = text(intern!(py, "root_path")).unwrap_or_default();
    let below = path.strip_prefix(prefix.trim_end_matches('/'));
    Some(below.filter(|below| below.starts_with('/')).unwrap_or(&path).to_owned())
}

/// The path, where it is one that the SDK may answer itself.
pub(crate) fn probe(scope: &Bound<'_, PyDict>) -> Option<&'static str> {
    let full = scope.get_item(intern!(scope.py(), "path")).ok()??;
    let full = full.extract::<&str>().ok()?;
    let asked = [probe::METRICS, probe::HEALTHZ].into_iter().find(|path| full.ends_with(path))?;
    path(scope).filter(|path| path == asked).map(|_| asked)
}

/// Whether `send` raises where the client is gone; before ASGI 2.4 it does nothing then.
pub(crate) fn may_refuse(scope: &Bound<'_, PyDict>) -> PyResult<bool> {
    let py = scope.py();
    let Some(asgi) = scope.get_item(intern!(py, "asgi"))? else { return Ok(false) };
    let version = optional(&asgi, intern!(py, "spec_version"))?;
    Ok(match version.filter(|version| !version.is_none()) {
        Some(version) => !SILENT.contains(&version.extract()?),
        None => false,
    })
}

/// What a scope has to have.
pub(crate) fn item<'py>(
    scope: &Bound<'py, PyDict>,
    key: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    scope.get_item(key)?.ok_or_else(|| PyKeyError::new_err(key.to_string()))
}

pub(crate) fn optional<'py>(
    message: &Bound<'py, PyAny>,
    key: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    match message.cast::<PyDict>() {
        Ok(message) => message.get_item(key),
        Err(_) => message.call_method1(intern!(message.py(), "get"), (key,)).map(Some),
    }
}

/// Bytes of the body that a message has, if it has one.
fn body_size(message: &Bound<'_, PyAny>) -> PyResult<u64> {
    let body = optional(message, intern!(message.py(), "body"))?;
    body.filter(|body| !body.is_none()).map_or(Ok(0), |body| size(&body))
}

fn is_last(message: &Bound<'_, PyAny>) -> PyResult<bool> {
    let more = optional(message, intern!(message.py(), "more_body"))?;
    Ok(!more.is_some_and(|more| more.is_truthy().unwrap_or(false)))
}

/// Bytes that the server is to copy out of an open file: from an offset, or else the place it is
/// at; so many, or else all that there are.
fn zero_copied(message: &Bound<'_, PyAny>) -> PyResult<u64> {
    let (file, os) = (message.get_item("file")?, message.py().import("os")?);
    let file = if file.hasattr("fileno")? { file.call_method0("fileno")? } else { file };
    let given = |key| {
        let key = PyString::new(message.py(), key);
        Ok::<_, PyErr>(optional(message, &key)?.filter(|value| !value.is_none()))
    };
    let offset = match given("offset")? {
        Some(offset) => offset,
        None => os.call_method1("lseek", (&file, 0, os.getattr("SEEK_CUR")?))?,
    };
    let end: u64 = os.call_method1("fstat", (&file,))?.getattr("st_size")?.extract()?;
    let there = end.saturating_sub(offset.extract()?);
    let most = given("count")?.map_or(Ok(u64::MAX), |count| count.extract())?;
    Ok(there.min(most))
}

/// Bytes of a body, which may be any object with the buffer protocol.
pub(crate) fn size(body: &Bound<'_, PyAny>) -> PyResult<u64> {
    let length = match body.cast::<PyBytes>() {
        Ok(bytes) => bytes.as_bytes().len(),
        Err(_) => pyo3::types::PyMemoryView::from(body)?.getattr("nbytes")?.extract()?,
    };
    Ok(u64::try_from(length).unwrap_or(u64::MAX))
}

//! The runtime of a process.

use std::collections::HashMap;
use std::sync::Arc;

use kyros_core::{Failure, Level, Settings};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::callback::{self, Callback, CallbackName};
use crate::error::to_py;
use crate::family::Family;
use crate::receipt::Receipt;
use crate::record::context;
use crate::request::Request;
use crate::value;

/// Metrics, log, audit trail and spans of a process.
#[pyclass(frozen, module = "kyros_obs._native")]
pub(crate) struct Runtime(pub(crate) Arc<kyros_core::Runtime>);

/// An exception as data: type, message, frames.
type ErrorData<'py> = (Bound<'py, PyString>, Bound<'py, PyString>, Vec<Bound<'py, PyString>>);

#[pymethods]
impl Runtime {
    /// Start with settings by name; metrics are shared with the other children of a supervisor, and
    /// spans exported as the variables of OpenTelemetry say.
    #[new]
    #[pyo3(signature = (settings, supervisor=None, telemetry=HashMap::new()))]
    fn new(
        settings: HashMap<String, String>,
        supervisor: Option<u32>,
        telemetry: HashMap<String, String>,
    ) -> PyResult<Self> {
        let variable = |name: &str| telemetry.get(name).cloned();
        let resolved = Settings::resolve_traced(pairs(&settings), variable);
        let started = resolved.and_then(|it| kyros_core::Runtime::start(it, supervisor));
        started.map(Self).map_err(to_py)
    }

    /// Start one for a test: what it emits stays in memory, and audit events in the spool.
    #[staticmethod]
    fn capture(settings: HashMap<String, String>) -> PyResult<Self> {
        let started = resolved(&settings).and_then(kyros_core::Runtime::capture);
        started.map(Self).map_err(to_py)
    }

    /// Check settings and start nothing: their values, given or by default.
    #[staticmethod]
    fn resolve(settings: HashMap<String, String>) -> PyResult<HashMap<String, String>> {
        let resolved = resolved(&settings).map_err(to_py)?;
        let value = |name: &String| Some((name.clone(), resolved.get(name)?.to_owned()));
        Ok(resolved.schema().settings.keys().filter_map(value).collect())
    }

    /// The name of the service.
    #[getter]
    fn service(&self) -> &str {
        self.0.service()
    }

    /// The value of a setting, given or by default.
    fn setting(&self, name: &str) -> Option<&str> {
        self.0.setting(name)
    }

    /// Begin a request of an ASGI application.
    #[pyo3(signature = (scope: "object", send: "object"))]
    fn asgi(&self, scope: &Bound<'_, PyAny>, send: Py<PyAny>) -> PyResult<Request> {
        Request::asgi(&self.0, scope.cast::<PyDict>()?, send)
    }

    /// Begin a request of a WSGI application.
    #[pyo3(signature = (method, traceparent, tracestate, path=None))]
    fn http(
        &self,
        method: &str,
        traceparent: Option<&str>,
        tracestate: Option<&str>,
        path: Option<&str>,
    ) -> Request {
        Request::wsgi(&self.0, method, traceparent, tracestate, path)
    }

    /// Begin a run of a Dash callback, within the request that triggered it, if it is one.
    #[pyo3(signature = (name, outer: "Request | Callback | None"))]
    fn callback(
        &self,
        py: Python<'_>,
        name: &Bound<'_, CallbackName>,
        outer: Option<&Bound<'_, PyAny>>,
    ) -> Callback {
        let request = outer.and_then(|outer| outer.cast::<Request>().ok());
        if let Some(request) = request {
            request.get().learn(py);
        }
        let outer = request.map(|request| &request.get().measured);
        let measured = self.0.callback(&name.get().0, outer);
        Callback { measured, request: request.map(|request| request.clone().unbind()) }
    }

    /// Begin a run of a Dash callback in the background, for whom the request was that set it up.
    fn background(
        &self,
        name: &Bound<'_, CallbackName>,
        carried: HashMap<String, String>,
    ) -> Callback {
        let measured = self.0.background(&name.get().0, &callback::told(carried));
        Callback { measured, request: None }
    }

    /// Count a page of a Dash application that somebody has opened.
    #[pyo3(signature = (app_slug, page, record: "Request | Callback | None"))]
    fn page_view(&self, app_slug: &str, page: &str, record: Option<&Bound<'_, PyAny>>) {
        self.0.page_view(app_slug, page, context(record).as_deref());
    }

    /// Write a record of `logging`.
    #[pyo3(signature = (
        level, logger, message, error, fields: "dict[str, object]",
        record: "Request | Callback | None"
    ))]
    #[expect(clippy::too_many_arguments, reason = "positional arguments are the cheapest call")]
    fn log(
        &self,
        py: Python<'_>,
        level: &str,
        logger: &Bound<'_, PyString>,
        message: &Bound<'_, PyString>,
        error: Option<ErrorData<'_>>,
        fields: &Bound<'_, PyDict>,
        record: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let level: Level = level.parse().map_err(|_| PyValueError::new_err("no such level"))?;
        let failure = error.map(failure);
        let (logger, message) = (logger.to_string_lossy(), message.to_string_lossy());
        let (fields, context) = (value::entries(fields), context(record));
        if level >= Level::Error
            && let Some(callback) = record.and_then(|record| record.cast::<Callback>().ok())
        {
            callback.get().measured.logged_error();
        }
        py.detach(|| {
            self.0.log(level, &logger, &message, failure.as_ref(), fields, context.as_deref());
        });
        Ok(())
    }

    /// Record a business or security event.
    #[pyo3(signature = (
        name, outcome, fields: "dict[str, object]", record: "Request | Callback | None"
    ))]
    fn event(
        &self,
        py: Python<'_>,
        name: &str,
        outcome: &str,
        fields: &Bound<'_, PyDict>,
        record: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let (fields, context) = (value::entries(fields), context(record));
        py.detach(|| self.0.event(name, outcome, fields, context.as_deref())).map_err(to_py)
    }

    /// Record an action in the audit trail; it is on disk when this returns.
    #[pyo3(signature = (
        action, resource, outcome, meta: "dict[str, object]", record: "Request | Callback | None"
    ))]
    fn audit(
        &self,
        py: Python<'_>,
        action: &str,
        resource: Option<&str>,
        outcome: &str,
        meta: &Bound<'_, PyDict>,
        record: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<Receipt>> {
        let (meta, context) = (value::entries(meta), context(record));
        let recorded =
            py.detach(|| self.0.audit(action, resource, outcome, meta, context.as_deref()));
        recorded.map(|receipt| receipt.map(Receipt)).map_err(to_py)
    }

    /// Register a metric of the application.
    fn register(
        &self,
        kind: &str,
        name: &str,
        help: &str,
        labels: Vec<String>,
        buckets: Vec<String>,
        across: &str,
    ) -> PyResult<Family> {
        let family = self.0.register(kind, name, help, labels, &buckets, across);
        family.map(Family::of).map_err(to_py)
    }

    /// Remove all series of a tenant, in all workers, and return how many there were.
    fn forget_tenant(&self, py: Python<'_>, tenant_id: &str) -> PyResult<usize> {
        py.detach(|| self.0.forget_tenant(tenant_id)).map_err(to_py)
    }

    /// Count a failure of the instrumentation for a component.
    fn failed(&self, component: &str, message: &Bound<'_, PyString>) {
        self.0.failed(component, &message.to_string_lossy());
    }

    /// Count a token that was no identity.
    fn identity_refused(&self, reason: &str) {
        self.0.identity_refused(reason);
    }

    /// Tell whether a scrape from this peer is answered.
    fn authorize_scrape(
        &self,
        peer: Option<&str>,
        forwarded: bool,
        authorization: Option<&str>,
    ) -> bool {
        self.0.authorize_scrape(peer, forwarded, authorization)
    }

    /// Return the exposition as the two headers ask for it: body, content type and, where the body
    /// is compressed, content encoding.
    fn scrape<'py>(
        &self,
        py: Python<'py>,
        accept: Option<&str>,
        accept_encoding: Option<&str>,
    ) -> (Bound<'py, PyBytes>, &'static str, Option<&'static str>) {
        let scrape = py.detach(|| self.0.scrape(accept, accept_encoding));
        (PyBytes::new(py, &scrape.body), scrape.content_type, scrape.content_encoding)
    }

    /// Return the lines written so far, in a runtime for tests.
    fn lines(&self) -> Vec<String> {
        self.0.lines()
    }

    /// Return the audit events in the spool, as JSON.
    fn audit_events(&self) -> PyResult<Vec<String>> {
        self.0.audit_events().map_err(to_py)
    }

    /// Make a child of `fork` a process of its own.
    fn after_fork(&self) {
        self.0.after_fork();
    }

    /// Wait a moment for audit events to reach Postgres, and spans their receiver.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }
}

fn failure((kind, message, frames): ErrorData<'_>) -> Failure {
    let text = |object: &Bound<'_, PyString>| object.to_string_lossy().into_owned();
    Failure {
        kind: text(&kind),
        message: text(&message),
        frames: frames.iter().map(text).collect(),
    }
}

fn resolved(settings: &HashMap<String, String>) -> Result<Settings, kyros_core::Error> {
    Settings::resolve(pairs(settings))
}

fn pairs(settings: &HashMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    settings.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

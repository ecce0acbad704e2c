//! One HTTP request.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use kyros_core::{Ending, Endpoint};
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::foreign::Teller;
use crate::record::Who;
use crate::state::Source;
use crate::{asgi, record, route, state, value, websocket};

/// What failures of `send` are counted for.
const COMPONENT: &str = "asgi";

/// One HTTP request or WebSocket, from its begin to `finish`. An ASGI request is also the `send` callable that
/// its application is given: it counts what goes by and hands it on.
#[pyclass(frozen, weakref, module = "kyros_obs._native")]
pub(crate) struct Request {
    pub(crate) measured: kyros_core::Request,
    runtime: std::sync::Arc<kyros_core::Runtime>,
    send: Option<Py<PyAny>>,
    /// Given up when the request ends, for the scope may hold whatever the application put there.
    scope: Mutex<Option<Py<PyDict>>>,
    inner: Mutex<Option<route::Inner>>,
    source: Source,
    pub(crate) foreign: Teller,
    is_websocket: bool,
    may_refuse: bool,
    probe: Option<&'static str>,
}

#[pymethods]
impl Request {
    /// Send a message of an ASGI application, and return the server's awaitable.
    fn __call__<'py>(&self, message: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let send = self.send.as_ref().ok_or_else(|| PyTypeError::new_err("no ASGI request"))?;
        self.note(message, if self.is_websocket { websocket::sent } else { asgi::sent })?;
        send.bind(message.py()).call1((message,))
    }

    /// Whether the server's `send` raises where the client is gone.
    #[getter]
    fn may_refuse(&self) -> bool {
        self.may_refuse
    }

    /// The path, where it is one that the SDK may answer itself.
    #[getter]
    fn probe(&self) -> Option<&str> {
        self.probe
    }

    /// Take over an identity and fields that the application states.
    #[pyo3(signature = (who, fields: "dict[str, object]"))]
    fn bind(&self, who: Who, fields: &Bound<'_, PyDict>) {
        self.measured.context().bind(record::identity(who), value::entries(fields));
    }

    /// Take over an identity that authentication has left; what is bound stays.
    fn identify(&self, who: Who) {
        self.measured.context().identify(record::identity(who));
    }

    /// Take over an identity that somebody was asked for; it counts where none was found.
    fn fall_back(&self, who: Who) {
        self.measured.context().fall_back(record::identity(who));
    }

    /// Return the headers of a call made in it: `traceparent`, and `tracestate` where there is one.
    fn trace(&self) -> (String, Option<&str>) {
        self.measured.context().outgoing()
    }

    /// The caller's span, where it has told one.
    #[getter]
    fn caller(&self) -> Option<String> {
        self.measured.context().caller().map(|span| span.to_string())
    }

    /// Go over to the trace and span that other telemetry has for it, where nothing else was before
    /// and the headers are valid, and tell whether that is done. If it `serves`, that span is the
    /// only one. What `tell` is, is called with names and values for that span.
    #[pyo3(signature = (traceparent, tracestate, serves, tell: "object"))]
    fn adopt(
        &self,
        traceparent: &str,
        tracestate: Option<&str>,
        serves: bool,
        tell: Option<Py<PyAny>>,
    ) -> bool {
        self.take_over(traceparent, tracestate, serves, tell)
    }

    /// Go on with the scope that a router has been given, which may be a copy of the first one.
    #[pyo3(signature = (scope: "object"))]
    fn routed(&self, scope: &Bound<'_, PyAny>) -> PyResult<()> {
        let scope = scope.cast::<PyDict>()?.clone().unbind();
        let mut held = self.scope.lock().unwrap_or_else(PoisonError::into_inner);
        let before = held.as_mut().map(|held| std::mem::replace(held, scope));
        drop(held);
        drop(before);
        Ok(())
    }

    /// Name the template of its route.
    fn route(&self, template: &str) {
        self.measured.route(template);
    }

    /// Name the template of a route in an application with a routing of its own, and the prefix that
    /// this was called with. Where that is mounted in an ASGI application, the mounts' templates
    /// stand for it.
    fn route_within(&self, prefix: String, template: String) {
        if self.send.is_none() {
            return self.measured.route(&(prefix + &template));
        }
        let inner = Some(route::Inner { prefix, template });
        *self.inner.lock().unwrap_or_else(PoisonError::into_inner) = inner;
    }

    /// Note the status that is to be sent.
    fn status(&self, py: Python<'_>, code: u16) {
        self.measured.status(code);
        self.tell(py);
    }

    /// Forget a status that has not been sent.
    fn unsent(&self) {
        self.measured.unsent();
    }

    /// Count body bytes.
    fn sent(&self, count: u64) {
        self.measured.sent(count, false);
    }

    /// Count body bytes that a WSGI application has read.
    fn read(&self, count: u64) {
        self.measured.received(count);
    }

    /// Note that the whole answer was sent.
    fn complete(&self) {
        self.measured.sent(0, true);
    }

    /// Take a message back that the server of an ASGI application couldn't send.
    #[pyo3(signature = (message: "object"))]
    fn refused(&self, message: &Bound<'_, PyAny>) -> PyResult<()> {
        self.note(message, if self.is_websocket { websocket::take_back } else { asgi::take_back })
    }

    /// Note what an ASGI application receives.
    #[pyo3(signature = (message: "object"))]
    fn received(&self, message: &Bound<'_, PyAny>) -> PyResult<()> {
        self.note(message, if self.is_websocket { websocket::received } else { asgi::received })
    }

    /// Note that the client is gone.
    fn disconnected(&self) {
        self.measured.disconnected();
    }

    /// Note that the application raised.
    fn raised(&self) {
        self.measured.left(Ending::Raised);
    }

    /// Note that the application was cancelled or interrupted.
    fn cancelled(&self) {
        self.measured.left(Ending::Cancelled);
    }

    /// End the request: samples, and its line.
    fn finish(&self, py: Python<'_>) {
        self.source.forget();
        self.tell(py);
        self.foreign.forget();
        self.learn(py);
        self.source.forget();
        let scope = self.scope.lock().unwrap_or_else(PoisonError::into_inner).take();
        let endpoint = scope.map_or(Endpoint::Unmatched, |scope| self.resolve(scope.bind(py)));
        py.detach(|| self.measured.finish(|| endpoint));
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.send)?;
        if let Ok(scope) = self.scope.try_lock() {
            visit.call(&*scope)?;
        }
        self.foreign.traverse(&visit)?;
        self.source.traverse(&visit)
    }

    fn __clear__(&self) {
        self.source.forget();
        self.foreign.forget();
        let scope = self.scope.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(scope);
    }
}

impl Request {
    /// Notes what a message says. Whatever fails in it, a panic included, costs the note and never
    /// the message; what interrupts the application is no failure of ours and goes through.
    fn note(&self, message: &Bound<'_, PyAny>, note: asgi::Note) -> PyResult<()> {
        let noted = catch_unwind(AssertUnwindSafe(|| note(message, self)));
        let problem = match noted {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) if !is_failure(&error, message.py()) => return Err(error),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "a panic".to_owned(),
        };
        // A second panic, while the first is counted, costs the count.
        let _ = catch_unwind(AssertUnwindSafe(|| self.runtime.failed(COMPONENT, &problem)));
        Ok(())
    }

    /// A request of an ASGI application, answered through `send`.
    pub(crate) fn asgi(
        runtime: &std::sync::Arc<kyros_core::Runtime>,
        scope: &Bound<'_, PyDict>,
        send: Py<PyAny>,
    ) -> PyResult<Self> {
        let headers = asgi::trace_headers(scope)?;
        let (parent, state) = (headers.traceparent.as_deref(), headers.tracestate.as_deref());
        let py = scope.py();
        let kind = asgi::item(scope, intern!(py, "type"))?;
        let is_websocket = kind.extract::<&str>()? == "websocket";
        let (measured, probe) = if is_websocket {
            (runtime.websocket(parent, state), None)
        } else {
            let method = asgi::item(scope, intern!(py, "method"))?;
            (runtime.request(method.extract()?, parent, state), asgi::probe(scope))
        };
        if let Some(path) = runtime.settings().excludes_some().then(|| asgi::path(scope)).flatten()
        {
            measured.arrived(&path);
        }
        Ok(Self {
            is_websocket,
            measured,
            runtime: std::sync::Arc::clone(runtime),
            send: Some(send),
            scope: Mutex::new(Some(scope.clone().unbind())),
            inner: Mutex::default(),
            source: Source::default(),
            foreign: Teller::default(),
            may_refuse: asgi::may_refuse(scope).unwrap_or_default(),
            probe,
        })
    }

    /// A request of a WSGI application.
    pub(crate) fn wsgi(
        runtime: &std::sync::Arc<kyros_core::Runtime>,
        method: &str,
        traceparent: Option<&str>,
        tracestate: Option<&str>,
        path: Option<&str>,
    ) -> Self {
        let measured = runtime.request(method, traceparent, tracestate);
        path.inspect(|path| measured.arrived(path));
        Self {
            is_websocket: false,
            measured,
            runtime: std::sync::Arc::clone(runtime),
            send: None,
            scope: Mutex::new(None),
            inner: Mutex::default(),
            source: Source::default(),
            foreign: Teller::default(),
            may_refuse: false,
            probe: None,
        }
    }

    /// Opens a WebSocket, for what is known of it by now.
    pub(crate) fn accepted(&self, py: Python<'_>) {
        self.learn(py);
        self.tell(py);
        let scope = self.scope(py);
        self.measured
            .accepted(|| scope.map_or(Endpoint::Unmatched, |scope| self.resolve(scope.bind(py))));
    }

    /// Counts a failure of the observation.
    pub(crate) fn failed(&self, component: &str, problem: &str) {
        self.runtime.failed(component, problem);
    }

    /// Reads what the scope knows by now: identity and dashboard.
    pub(crate) fn learn(&self, py: Python<'_>) {
        if let Some(scope) = self.scope(py) {
            let context = self.measured.context();
            state::learn(scope.bind(py), &self.runtime, context, &self.source);
        }
    }

    /// Reads the tenant that the scope knows by now.
    pub(crate) fn learn_tenant(&self, py: Python<'_>) {
        if let Some(scope) = self.scope(py) {
            state::learn_tenant(scope.bind(py), self.measured.context());
        }
    }

    /// The scope, until the request ends. The lock is given back at once: what is done with the
    /// scope may run the application's code.
    fn scope(&self, py: Python<'_>) -> Option<Py<PyDict>> {
        let scope = self.scope.lock().unwrap_or_else(PoisonError::into_inner);
        scope.as_ref().map(|scope| scope.clone_ref(py))
    }

    fn resolve(&self, scope: &Bound<'_, PyDict>) -> Endpoint {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let resolved = route::endpoint(scope, inner.as_ref());
        if let Err(error) = &resolved {
            self.runtime.failed(kyros_core::component::ROUTE, &error.to_string());
        }
        resolved.unwrap_or(Endpoint::Unresolved)
    }
}

/// Whether an error is one of the observation, as `_guard.py` tells it: an `Exception`, or the panic
/// of another native module.
fn is_failure(error: &PyErr, py: Python<'_>) -> bool {
    let is_panic = || error.get_type(py).name().is_ok_and(|name| name == "PanicException");
    error.is_instance_of::<PyException>(py) || is_panic()
}

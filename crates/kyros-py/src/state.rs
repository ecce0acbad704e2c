//! Whose request it is, as authentication has left it in the scope.

use std::sync::{Mutex, PoisonError};

use kyros_core::names::{field, label};
use kyros_core::{Context, Identity, Runtime};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};

static GETATTR: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static READING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Reads `request.state` and the route's parameters. What can't be read is left out: an object of
/// the application may raise whatever it likes, and may log, for which nothing is read again. So no
/// lock is held here.
pub(crate) fn learn(
    scope: &Bound<'_, PyDict>,
    runtime: &Runtime,
    context: &Context,
    source: &Source,
) {
    let py = scope.py();
    let state = filled(scope, intern!(py, "state"));
    let parameters = filled(scope, intern!(py, "path_params"));
    let slug = parameters.and_then(|parameters| dashboard(&parameters, runtime));
    if state.is_none() && slug.is_none() {
        return;
    }
    let Some(_reading) = Reading::begin(py) else { return };
    if let Some(state) = state {
        source.identify(&state, context);
    }
    if let Some(slug) = slug.as_ref().and_then(text) {
        context.dashboard(&slug);
    }
}

/// Reads the tenant alone, which is no attribute of an object that might ask a database for it.
pub(crate) fn learn_tenant(scope: &Bound<'_, PyDict>, context: &Context) {
    let py = scope.py();
    let Some(_reading) = Reading::begin(py) else { return };
    let state = member(scope, intern!(py, "state"));
    let tenant = state.and_then(|state| member(&state, intern!(py, label::TENANT_ID)));
    let tenant_id = tenant.as_ref().and_then(text);
    context.identify(Identity { tenant_id, ..Identity::default() });
}

/// The objects that a complete identity was read from: while they are there, it is not read again.
#[derive(Default)]
pub(crate) struct Source(Mutex<Option<Objects>>);

/// What authentication leaves: who it is, and the tenant.
struct Objects {
    user: Py<PyAny>,
    tenant_id: Py<PyAny>,
}

impl Source {
    /// Forgets them, so that what has changed inside of them is seen.
    pub(crate) fn forget(&self) {
        self.replace(None);
    }

    /// Shows the collector what is held.
    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        let Ok(held) = self.0.try_lock() else { return Ok(()) };
        let Some(Objects { user, tenant_id }) = held.as_ref() else { return Ok(()) };
        visit.call(user)?;
        visit.call(tenant_id)
    }

    fn identify(&self, state: &Bound<'_, PyAny>, context: &Context) {
        let py = state.py();
        let user = member(state, intern!(py, "user"));
        let tenant = member(state, intern!(py, label::TENANT_ID));
        if self.is(user.as_ref(), tenant.as_ref()) {
            return;
        }
        // The tenant first: what the user's attributes log is the tenant's, too.
        let tenant_id = tenant.as_ref().and_then(text);
        let with_tenant = tenant_id.is_some();
        context.identify(Identity { tenant_id, ..Identity::default() });
        let Some(user) = user else { return };
        let person = person(&user);
        let complete = person.sub.is_some() && person.email.is_some() && with_tenant;
        context.identify(person);
        if let Some(tenant) = tenant.filter(|_| complete) {
            self.replace(Some(Objects { user: user.unbind(), tenant_id: tenant.unbind() }));
        }
    }

    fn is(&self, user: Option<&Bound<'_, PyAny>>, tenant: Option<&Bound<'_, PyAny>>) -> bool {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((held, (user, tenant))) = held.as_ref().zip(user.zip(tenant)) else {
            return false;
        };
        held.user.is(user) && held.tenant_id.is(tenant)
    }

    fn replace(&self, objects: Option<Objects>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *held, objects);
        drop(held);
        // The last reference to an object of the application may run its code.
        drop(before);
    }
}

/// While objects of the application are read, by this call or one that it was made from.
struct Reading<'py> {
    variable: Bound<'py, PyAny>,
    token: Bound<'py, PyAny>,
}

impl<'py> Reading<'py> {
    /// None where reading has led here.
    fn begin(py: Python<'py>) -> Option<Self> {
        let variable = READING.get_or_try_init(py, || {
            let module = py.import("contextvars")?;
            module.call_method1("ContextVar", ("kyros_obs_reading",)).map(Bound::unbind)
        });
        let variable = variable.ok()?.bind(py).clone();
        if variable.call_method1(intern!(py, "get"), (false,)).ok()?.is_truthy().ok()? {
            return None;
        }
        let token = variable.call_method1(intern!(py, "set"), (true,)).ok()?;
        Some(Self { variable, token })
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        // It was set in this very context, so that this can't fail.
        let reset = intern!(self.variable.py(), "reset");
        let _ = self.variable.call_method1(reset, (&self.token,));
    }
}

/// What `state.user` says of the person.
fn person(user: &Bound<'_, PyAny>) -> Identity {
    let py = user.py();
    let said = |name| text(&member(user, name)?);
    Identity {
        tenant_id: None,
        tenant_slug: said(intern!(py, "tenant_slug")),
        sub: said(intern!(py, field::SUB)),
        email: said(intern!(py, field::EMAIL)),
    }
}

/// The parameter of the route that names a dashboard.
fn dashboard<'py>(parameters: &Bound<'py, PyAny>, runtime: &Runtime) -> Option<Bound<'py, PyAny>> {
    let row = runtime.settings().schema().fields.get(field::DASHBOARD_SLUG)?;
    let parameter = PyString::new(parameters.py(), row.parameter.as_deref()?);
    member(parameters, &parameter)
}

/// A part of the scope, unless it is a mapping with nothing in it.
fn filled<'py>(
    scope: &Bound<'py, PyDict>,
    name: &Bound<'py, PyString>,
) -> Option<Bound<'py, PyAny>> {
    let found = member(scope, name)?;
    let is_empty = found.cast::<PyDict>().is_ok_and(PyDictMethods::is_empty);
    (!is_empty).then_some(found)
}

/// A member of a mapping or an attribute of an object; none where it is absent or None.
fn member<'py>(
    source: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> Option<Bound<'py, PyAny>> {
    let found = match source.cast::<PyDict>() {
        Ok(mapping) => mapping.get_item(name).ok()?,
        Err(_) => attribute(source, name).ok()?.or_else(|| source.get_item(name).ok()),
    };
    found.filter(|value| !value.is_none())
}

/// An attribute that is not None. Asking for it with a default costs no exception where it is absent.
fn attribute<'py>(
    source: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = source.py();
    let getattr = GETATTR.import(py, "builtins", "getattr")?;
    let found = getattr.call1((source, name, py.None()))?;
    Ok(Some(found).filter(|value| !value.is_none()))
}

fn text(value: &Bound<'_, PyAny>) -> Option<String> {
    Some(value.str().ok()?.to_string_lossy().into_owned())
}

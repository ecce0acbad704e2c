//! One run of a Dash callback.

use std::collections::HashMap;
use std::sync::Arc;

use kyros_core::names::{field, label};
use kyros_core::{Carried, Identity, Phase};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::record::Who;
use crate::request::Request;
use crate::{record, value};

/// The names of what is carried that are no fields of ours.
const TENANT_SLUG: &str = "tenant_slug";
const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
const SET_UP: &str = "set_up";

/// Which callback of which Dash application it is: the application's slug, the callback's label, its
/// whole id and its function.
#[pyclass(frozen, module = "kyros_obs._native")]
pub(crate) struct CallbackName(pub(crate) Arc<kyros_core::CallbackName>);

#[pymethods]
impl CallbackName {
    #[new]
    fn new(app_slug: String, label: String, id: String, function: String) -> Self {
        Self(Arc::new(kyros_core::CallbackName { app_slug, label, id, function }))
    }

    /// Return the same as a tuple.
    fn parts(&self) -> (&str, &str, &str, &str) {
        (&self.0.app_slug, &self.0.label, &self.0.id, &self.0.function)
    }
}

/// One run of a Dash callback, from its begin to `finish`.
#[pyclass(frozen, module = "kyros_obs._native")]
pub(crate) struct Callback {
    pub(crate) measured: kyros_core::Callback,
    /// The request that triggered it.
    pub(crate) request: Option<Py<Request>>,
}

#[pymethods]
impl Callback {
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
        self.measured.outgoing()
    }

    /// Say how the run ended, where it did not return.
    fn outcome(&self, outcome: &str) {
        self.measured.outcome(outcome);
    }

    /// Note that the user's function raised, whatever is made of it later.
    fn handled(&self) {
        self.measured.handled();
    }

    /// Tell whether the user's function has raised.
    fn is_handled(&self) -> bool {
        self.measured.is_handled()
    }

    /// Say that it keeps an event loop from everybody else for as long as it runs.
    fn blocks(&self) {
        self.measured.blocks();
    }

    /// Say that this only sets up a run in the background.
    fn sets_up(&self) {
        self.measured.phase(Phase::Setup);
    }

    /// Say that this only asks how far a run in the background is.
    fn polls(&self) {
        self.measured.phase(Phase::Poll);
    }

    /// Return what a run of it in the background is to be told, by name.
    fn carried(&self, py: Python<'_>) -> HashMap<&'static str, String> {
        self.learn(py);
        let Carried { identity, traceparent, tracestate, set_up } = self.measured.carried();
        let Identity { tenant_id, tenant_slug, sub, email } = identity;
        let told = [
            (label::TENANT_ID, tenant_id),
            (TENANT_SLUG, tenant_slug),
            (field::SUB, sub),
            (field::EMAIL, email),
            (TRACEPARENT, traceparent),
            (TRACESTATE, tracestate),
            (SET_UP, set_up.map(|time| time.to_string())),
        ];
        told.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// End the run with what it answered; only text has a size.
    #[pyo3(signature = (answer: "object" = None))]
    fn finish(&self, py: Python<'_>, answer: Option<&Bound<'_, PyAny>>) {
        self.learn(py);
        let text = answer.and_then(|answer| answer.cast::<PyString>().ok());
        if let Some(text) = text.and_then(|text| text.to_str().ok()) {
            self.measured.answered(text.len() as u64);
        }
        self.measured.finish();
    }

    /// End the run and see its span off: its process may not live longer than this.
    fn finish_last(&self, py: Python<'_>) {
        py.detach(|| self.measured.finish_last());
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.request)
    }
}

impl Callback {
    /// Reads what the request knows by now.
    fn learn(&self, py: Python<'_>) {
        if let Some(request) = &self.request {
            request.get().learn(py);
        }
    }
}

/// What a run in the background is told, from what was carried.
pub(crate) fn told(mut carried: HashMap<String, String>) -> Carried {
    let mut take = |name| carried.remove(name);
    Carried {
        identity: Identity {
            tenant_id: take(label::TENANT_ID),
            tenant_slug: take(TENANT_SLUG),
            sub: take(field::SUB),
            email: take(field::EMAIL),
        },
        traceparent: take(TRACEPARENT),
        tracestate: take(TRACESTATE),
        set_up: take(SET_UP).and_then(|time| time.parse().ok()),
    }
}

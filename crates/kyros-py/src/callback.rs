//! One run of a Dash callback.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::record::Who;
use crate::request::Request;
use crate::{record, value};

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
        self.measured.context().outgoing()
    }

    /// Say how the run ended, where it did not return.
    fn outcome(&self, outcome: &str) {
        self.measured.outcome(outcome);
    }

    /// Note that the user's function raised, whatever is made of it later.
    fn handled(&self) {
        self.measured.handled();
    }

    /// End the run.
    fn finish(&self, py: Python<'_>) {
        if let Some(request) = &self.request {
            request.get().learn(py);
        }
        self.measured.finish();
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.request)
    }
}

//! One run of a Dash callback.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::request::Request;
use crate::value;

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
    #[pyo3(signature = (tenant_id, tenant_slug, sub, email, fields: "dict[str, object]"))]
    fn bind(
        &self,
        tenant_id: Option<String>,
        tenant_slug: Option<String>,
        sub: Option<String>,
        email: Option<String>,
        fields: &Bound<'_, PyDict>,
    ) {
        let identity = kyros_core::Identity { tenant_id, tenant_slug, sub, email };
        self.measured.context().bind(identity, value::entries(fields));
    }

    /// Take over an identity that authentication has left; what is bound stays.
    fn identify(
        &self,
        tenant_id: Option<String>,
        tenant_slug: Option<String>,
        sub: Option<String>,
        email: Option<String>,
    ) {
        let found = kyros_core::Identity { tenant_id, tenant_slug, sub, email };
        self.measured.context().identify(found);
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

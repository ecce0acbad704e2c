//! The receipt of an audit event.

use pyo3::prelude::*;

/// Proof that an audit event is on disk.
#[pyclass(frozen, module = "kyros_obs._native")]
pub(crate) struct Receipt(pub(crate) kyros_core::Receipt);

#[pymethods]
impl Receipt {
    /// The identifier of the event, as in the column `event_id`.
    #[getter]
    fn event_id(&self) -> String {
        self.0.event_id.to_string()
    }

    fn __repr__(&self) -> String {
        format!("Receipt(event_id={:?})", self.event_id())
    }
}

//! A metric family of the application.

use pyo3::prelude::*;

/// A metric family; label values come in declared order.
#[pyclass(frozen, module = "kyros_obs._native")]
pub(crate) struct Family(pub(crate) kyros_core::Family);

#[pymethods]
impl Family {
    /// Add to a counter or gauge.
    fn add(&self, values: Vec<String>, amount: f64) {
        self.0.series(&borrowed(&values)).add(amount);
    }

    /// Set a gauge.
    fn set(&self, values: Vec<String>, amount: f64) {
        self.0.series(&borrowed(&values)).set(amount);
    }

    /// Count an observation of a histogram.
    fn observe(&self, values: Vec<String>, amount: f64) {
        self.0.series(&borrowed(&values)).observe(amount);
    }
}

fn borrowed(values: &[String]) -> Vec<&str> {
    values.iter().map(String::as_str).collect()
}

//! A function of Dash's that calls a user function.

use pyo3::exceptions::PyException;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// Calls a function as it is, and has what it raises noted. Each callback goes through two of them,
/// so it is no frame of Python's. Dash knows the function by its code.
#[pyclass(frozen, dict, weakref, module = "kyros_obs._native")]
pub(crate) struct Invocation {
    function: Py<PyAny>,
    note: Py<PyAny>,
    awaited: Py<PyAny>,
    coroutine: Py<PyAny>,
    code: Py<PyAny>,
}

#[pymethods]
impl Invocation {
    /// `note` is called with an exception, `awaited` with a coroutine that is returned, for one.
    #[new]
    #[pyo3(signature = (function: "object", note: "object", awaited: "object"))]
    fn new(
        py: Python<'_>,
        function: Py<PyAny>,
        note: Py<PyAny>,
        awaited: Py<PyAny>,
    ) -> PyResult<Self> {
        let coroutine = py.import("types")?.getattr("CoroutineType")?.unbind();
        let code = function.getattr(py, intern!(py, "__code__")).unwrap_or_else(|_| py.None());
        Ok(Self { function, note, awaited, coroutine, code })
    }

    /// Call the function.
    #[pyo3(signature = (*args: "object", **kwargs: "object"))]
    fn __call__<'py>(
        &self,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = args.py();
        match self.function.bind(py).call(args, kwargs) {
            Ok(result) if result.get_type().is(&self.coroutine) => {
                self.awaited.bind(py).call1((result,))
            }
            Ok(result) => Ok(result),
            Err(error) => {
                if error.is_instance_of::<PyException>(py) {
                    self.note.bind(py).call1((error.value(py),))?;
                }
                Err(error)
            }
        }
    }

    /// The function's code.
    #[getter]
    fn __code__(&self, py: Python<'_>) -> Py<PyAny> {
        self.code.clone_ref(py)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let held = [&self.function, &self.note, &self.awaited, &self.coroutine, &self.code];
        held.into_iter().try_for_each(|one| visit.call(one))
    }
}

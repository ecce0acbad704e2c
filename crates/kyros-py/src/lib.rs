//! The extension module `kyros_obs._native`: converts and wires. A decision in it is a bug.

#![expect(clippy::needless_pass_by_value, reason = "what comes from Python is owned")]

mod asgi;
mod callback;
mod error;
mod family;
mod foreign;
mod invocation;
mod receipt;
mod record;
mod request;
mod route;
mod runtime;
mod state;
mod value;
mod waited;
mod websocket;

/// The native side of `kyros_obs`.
#[pyo3::pymodule]
mod _native {
    use std::ffi::OsString;

    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::callback::{Callback, CallbackName};
    #[pymodule_export]
    use crate::family::Family;
    #[pymodule_export]
    use crate::invocation::Invocation;
    #[pymodule_export]
    use crate::receipt::Receipt;
    #[pymodule_export]
    use crate::request::Request;
    #[pymodule_export]
    use crate::runtime::Runtime;
    #[pymodule_export]
    use crate::waited::{cache_request, query};

    use crate::error::to_py;

    /// Apply the migrations that the audit database lacks, and return their names.
    #[pyfunction]
    fn migrate(py: Python<'_>, dsn: &str) -> PyResult<Vec<String>> {
        let migrated = py.detach(|| kyros_core::migrate(dsn)).map_err(kyros_core::Error::from);
        migrated.map(|report| report.applied).map_err(to_py)
    }

    /// Run the command `kyros-obs` with these arguments and return its exit code.
    #[pyfunction]
    fn main(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
        py.detach(|| kyros_cli::main(arguments.into_iter()))
    }
}

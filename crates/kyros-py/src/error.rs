//! The one place where errors become Python exceptions.

use kyros_core::Error;
use pyo3::PyErr;

pyo3::import_exception!(kyros_obs.exceptions, AuditError);
pyo3::import_exception!(kyros_obs.exceptions, ConfigError);
pyo3::import_exception!(kyros_obs.exceptions, KyrosObsError);

/// The exception for an error of the core.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands over the error")]
pub(crate) fn to_py(error: Error) -> PyErr {
    let message = error.to_string();
    match error {
        Error::Settings(_) | Error::Arena { .. } => ConfigError::new_err(message),
        Error::Audit(_) => AuditError::new_err(message),
        Error::Metric(_) | Error::Declaration { .. } => KyrosObsError::new_err(message),
    }
}

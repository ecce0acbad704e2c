//! `kyros-obs migrate`.

use kyros_audit::Error;
use kyros_schema::names::setting;

use crate::arguments::Migrate;
use crate::failure::Failure;
use crate::{environment, print};

/// Brings the audit database up to this version. Its address is never an argument: those can be
/// read by everybody on the machine.
pub(crate) fn run(asked: &Migrate) -> Result<(), Failure> {
    let report = kyros_audit::migrate(&address(asked)?).map_err(|error| failed(&error))?;
    print::say(&report.to_string());
    Ok(())
}

fn address(asked: &Migrate) -> Result<String, Failure> {
    let dsn = match &asked.dsn_file {
        Some(file) => Some(environment::secret_file(file)?),
        None => environment::secret(setting::AUDIT_DSN)?,
    };
    dsn.filter(|dsn| !dsn.is_empty()).ok_or_else(unset)
}

fn unset() -> Failure {
    let name = environment::variable(setting::AUDIT_DSN);
    Failure::Input(format!(
        "no audit database is named\n  hint: set `{name}` or `{name}_FILE`, or give `--dsn-file`"
    ))
}

/// An address that can't be read is the caller's fault, a server that can't be reached is not.
fn failed(error: &Error) -> Failure {
    if matches!(error, Error::Dsn { .. }) {
        Failure::Input(error.to_string())
    } else {
        Failure::Failed(error.to_string())
    }
}

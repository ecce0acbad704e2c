//! The address of the database, which holds a password.

use std::fmt;
use std::str::FromStr;

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

use crate::Error;

/// What the server shows in `pg_stat_activity`.
const APPLICATION: &str = "kyros-audit";

/// The address of a database; never printed, not even by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Dsn(String);

impl Dsn {
    /// Takes an address as `postgresql://user:password@host:port/database?sslmode=require`; a host
    /// that starts with `/` is the directory of a Unix socket.
    pub fn new(address: impl Into<String>) -> Self {
        Self(address.into())
    }

    /// The options of a connection that works through `PgBouncer` too.
    pub(crate) fn options(&self) -> Result<PgConnectOptions, Error> {
        let options = PgConnectOptions::from_str(self.url()?).map_err(|error| unusable(&error))?;
        let named = options.get_application_name().is_some();
        let options = if named { options } else { options.application_name(APPLICATION) };
        let options = options.statement_cache_capacity(0).extra_float_digits(None);
        Ok(options.disable_statement_logging())
    }

    fn url(&self) -> Result<&str, Error> {
        let scheme = self.0.split_once("://").map(|(scheme, _)| scheme);
        match scheme.map(|scheme| scheme.split('+').next().unwrap_or_default()) {
            Some("postgres" | "postgresql") => Ok(&self.0),
            _ => Err(Error::Dsn { reason: "it is no `postgresql://` URL".to_owned() }),
        }
    }
}

/// Says what is wrong without quoting: a parser may quote what it was given.
fn unusable(error: &sqlx::Error) -> Error {
    let reason = match error {
        sqlx::Error::Configuration(_) => "a part of it has no meaning",
        _ => "it can't be read",
    };
    Error::Dsn { reason: reason.to_owned() }
}

impl fmt::Debug for Dsn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Dsn(..)")
    }
}

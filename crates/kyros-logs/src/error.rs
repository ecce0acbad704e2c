//! What can go wrong when a record is put together.

/// Why a setting of the log could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The schema has no such level.
    #[error("unknown level: {0}\n  hint: use `debug`, `info`, `warn`, `error` or `critical`")]
    UnknownLevel(String),
}

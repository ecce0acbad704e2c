//! What an error of the database means for the events that were sent.

use std::fmt;

/// Classes of SQLSTATE that blame the data: data exception, integrity constraint, program limit,
/// and what a trigger of somebody else raises.
const DATA: [&str; 4] = ["22", "23", "54", "P0"];

/// Classes whose messages speak of connection, login, rights and names, never of values.
const HARMLESS: [&str; 9] = ["08", "25", "28", "3D", "40", "42", "53", "55", "57"];

/// SQLSTATE of a check constraint, and of a row that has no partition.
const CHECK_VIOLATION: &str = "23514";

/// Why a batch was not committed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The server refuses an event for what it is.
    Refused { sqlstate: String },
    /// Something that may pass, and what it was.
    Later { reason: String },
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { sqlstate } => write!(f, "the server refuses an event: {sqlstate}"),
            Self::Later { reason } => f.write_str(reason),
        }
    }
}

impl Verdict {
    pub(super) fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => Self::of_server(error.as_ref()),
            error => Self::Later { reason: spoken(error) },
        }
    }

    fn of_server(error: &dyn sqlx::error::DatabaseError) -> Self {
        let sqlstate = error.code().unwrap_or_default().into_owned();
        let class = sqlstate.get(..2).unwrap_or_default();
        let no_partition = sqlstate == CHECK_VIOLATION && error.constraint().is_none();
        if DATA.contains(&class) && !no_partition {
            return Self::Refused { sqlstate };
        }
        let said = if HARMLESS.contains(&class) { error.message() } else { "see its log" };
        Self::Later { reason: format!("the server answers {sqlstate}: {said}") }
    }
}

/// An error without what might be a value of ours.
pub(crate) fn spoken(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.to_string(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Tls(error) => format!("TLS: {error}"),
        sqlx::Error::Configuration(_) => "its address has a part that can't be used".to_owned(),
        _ => "the connection broke".to_owned(),
    }
}

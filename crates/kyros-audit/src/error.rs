//! What keeps an event from the spool, or the database from being migrated.

use std::io;
use std::path::{Path, PathBuf};

/// Why an event was not recorded, or the database not migrated. No message holds a password or
/// anything of an event.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The spool can't be read or written. The event it was for is not recorded.
    #[error(
        "can't {action} {}: {source}\n  hint: the audit spool needs a directory that is yours to write, on a disk with room; \
         `KYROS_OBS_SPOOL_DIR` names it", path.display()
    )]
    Spool {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The spool has reached its limit; events of class `view` are shed until the database has
    /// taken some.
    #[error(
        "audit spool is over its limit: {limit} bytes\n  hint: see why the database doesn't take the events"
    )]
    Full {
        /// The limit in bytes.
        limit: u64,
    },
    /// The event is larger than a frame may be.
    #[error(
        "audit event is too large: {bytes} bytes, at most {limit}\n  hint: put less into its meta"
    )]
    TooLarge {
        /// The event's size in bytes.
        bytes: usize,
        /// The greatest size in bytes.
        limit: usize,
    },
    /// The address of the database can't be read.
    #[error(
        "address of the audit database is unusable: {reason}\n  hint: write `postgresql://user@host:5432/database`"
    )]
    Dsn {
        /// What is wrong, without anything of the address.
        reason: String,
    },
    /// The database can't be reached or refuses the login.
    #[error("can't reach the audit database: {reason}")]
    Connect {
        /// What the system or the server said.
        reason: String,
    },
    /// A migration failed; the database is as it was before.
    #[error("migration `{name}` failed: {reason}")]
    Migration {
        /// The migration.
        name: String,
        /// What the server said.
        reason: String,
    },
    /// A migration that was applied is not the one this version has.
    #[error(
        "migration `{name}` was applied with another text: checksum {applied}, here {known}\n  \
         hint: released migrations never change; run the version that applied it"
    )]
    ChangedMigration {
        /// The migration.
        name: String,
        /// SHA-256 of the text that was applied, in hexadecimal.
        applied: String,
        /// SHA-256 of the text this version has, in hexadecimal.
        known: String,
    },
    /// A thread or its runtime could not be started.
    #[error("can't start the audit writer: {source}")]
    Thread {
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// Wraps what the system said about a file of the spool.
    pub(crate) fn spool(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Spool { action, path: path.to_owned(), source }
    }
}

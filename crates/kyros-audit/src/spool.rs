//! The spool: events on disk until the database has them.
//!
//! Each process appends to segments in a [`Home`] of its own, held by a lock that dies with it, so
//! that another process can tell a dead one's home and ship what is left there. The cursor says how
//! far the database has confirmed; a lost cursor costs a resend, which the table ignores.

mod cursor;
mod frame;
mod home;
mod journal;
mod outbox;
mod rejects;
mod segment;

pub(crate) use home::Home;
pub(crate) use journal::Journal;
pub(crate) use outbox::{Batch, Outbox};
pub(crate) use rejects::Rejects;

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use uuid::Uuid;

use crate::Error;

/// Spooled events hold addresses, so that they are their owner's alone.
const FILE_MODE: u32 = 0o600;
const DIRECTORY_MODE: u32 = 0o700;

/// Makes the directory of the spool and proves that files can be written there.
pub(crate) fn prepare(spool: &Path) -> Result<(), Error> {
    let made = DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(spool);
    made.map_err(Error::spool("create", spool))?;
    let probe = spool.join(format!(".probe-{}", Uuid::new_v4()));
    let written = fresh_file(&probe).and_then(|_| std::fs::remove_file(&probe));
    written.map_err(Error::spool("write to", spool))
}

/// The events in a spool that Postgres has not confirmed, of living and of dead processes: JSON
/// objects whose keys are the columns. Takes no lock and changes nothing.
pub fn spooled(spool: &Path) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    for home in home::homes(spool).map_err(Error::spool("read", spool))? {
        let sizes = home::segments(&home).map_err(Error::spool("read", &home))?;
        let read = Outbox::open(&home).read_all(&sizes);
        rows.extend(read.map_err(Error::spool("read", &home))?);
    }
    Ok(rows)
}

/// An empty file.
fn fresh_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(path)
}

/// Makes a file's name in a directory as durable as its contents.
fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

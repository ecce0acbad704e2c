//! The directory of one process' events, and the lock that says whether the process lives.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use uuid::Uuid;

use super::{DIRECTORY_MODE, fresh_file, segment, sync_directory};

const LOCK: &str = "lock";

/// A home that this process holds the lock of.
pub(crate) struct Home {
    path: PathBuf,
    lock: Mutex<Option<File>>,
}

impl Home {
    /// Makes a home. It gets its name only when it is locked, so that nobody takes it for a dead
    /// one's.
    pub(crate) fn create(spool: &Path, writer_id: Uuid) -> io::Result<Self> {
        let unnamed = spool.join(format!(".new-{writer_id}"));
        let path = spool.join(writer_id.to_string());
        let lock = locked_directory(&unnamed).and_then(|lock| {
            fs::rename(&unnamed, &path)?;
            Ok(lock)
        });
        let lock = lock.inspect_err(|_| drop(fs::remove_dir_all(&unnamed)))?;
        sync_directory(spool)?;
        Ok(Self { path, lock: Mutex::new(Some(lock)) })
    }

    /// The homes in a spool whose processes are dead, now held by this one. One that can't be opened
    /// keeps none of the others.
    pub(crate) fn orphans(spool: &Path) -> io::Result<Vec<Self>> {
        let mut orphans = Vec::new();
        for path in homes(spool)? {
            orphans.extend(Self::adopt(path).ok().flatten());
        }
        Ok(orphans)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The segments' sizes in bytes, by number.
    pub(crate) fn segments(&self) -> io::Result<BTreeMap<u64, u64>> {
        segments(&self.path)
    }

    /// Deletes it with all that is in it.
    pub(crate) fn remove(&self) -> io::Result<()> {
        fs::remove_dir_all(&self.path)
    }

    /// Closes a forked child's copy of the lock, which would outlive the parent's.
    pub(crate) fn disown(&self) {
        if let Ok(mut lock) = self.lock.try_lock() {
            *lock = None;
        }
    }

    fn adopt(path: PathBuf) -> io::Result<Option<Self>> {
        let lock = match File::open(path.join(LOCK)) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match lock.try_lock() {
            Ok(()) if is_still(&lock, &path) => {
                Ok(Some(Self { path, lock: Mutex::new(Some(lock)) }))
            }
            Ok(()) | Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn locked_directory(path: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(path)?;
    let lock = fresh_file(&path.join(LOCK))?;
    lock.try_lock()?;
    Ok(lock)
}

/// All homes in a spool, oldest first, whoever holds them.
pub(super) fn homes(spool: &Path) -> io::Result<Vec<PathBuf>> {
    let mut homes = Vec::new();
    for entry in fs::read_dir(spool)? {
        homes.extend(Some(entry?.path()).filter(|path| is_home(path)));
    }
    homes.sort();
    Ok(homes)
}

/// The sizes in bytes of a home's segments, by number.
pub(super) fn segments(home: &Path) -> io::Result<BTreeMap<u64, u64>> {
    let mut segments = BTreeMap::new();
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        if let Some(number) = segment::number(&entry.path()) {
            segments.insert(number, entry.metadata()?.len());
        }
    }
    Ok(segments)
}

fn is_home(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| Uuid::parse_str(name).is_ok())
}

/// Whether the lock's file is the one that is there: its former holder may have removed the home
/// between our opening and locking.
fn is_still(lock: &File, path: &Path) -> bool {
    let there = fs::metadata(path.join(LOCK));
    let held = lock.metadata();
    matches!((there, held), (Ok(there), Ok(held)) if there.ino() == held.ino())
}

//! The file behind an arena's memory.
//!
//! Memory is asked for before it is written to: a full file system refuses then, where a write to
//! the mapping would kill.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FallocateFlags, FlockOperation, Stat};

use super::{Arena, BYTES, GIVEN};
use crate::atomic::Ordering;
use crate::cells::{CELL, Mapping, Memory};

/// Cells by which an arena takes memory.
pub(super) const STEP: usize = (256 << 10) / CELL;

/// The file behind an arena, and which one it is: an application may close what isn't its own.
#[derive(Debug)]
pub(super) struct Backing {
    /// None while it is dropped.
    file: Option<OwnedFd>,
    identity: Identity,
    /// Whether it has a name, under which this process may have opened it twice.
    named: bool,
}

/// Device and number.
pub(super) type Identity = (u64, u64);

impl Backing {
    pub(super) fn of(file: OwnedFd, named: bool) -> io::Result<Self> {
        let identity = identity(&rustix::fs::fstat(&file)?);
        if named {
            // Who can't see this process tells by the lock that somebody has the file.
            let _ = rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared);
        }
        Ok(Self { file: Some(file), identity, named })
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.file.as_ref().map(AsFd::as_fd)
    }

    fn is_lost(&self) -> bool {
        self.stat().is_none()
    }

    /// What the system says of it; nothing where it is lost.
    fn stat(&self) -> Option<Stat> {
        let stat = rustix::fs::fstat(self.fd()?).ok()?;
        (identity(&stat) == self.identity).then_some(stat)
    }
}

impl Drop for Backing {
    /// Closing a file that has a name would give back the locks that this process has on it through
    /// another arena; what is lost is not ours to close.
    fn drop(&mut self) {
        let keeps = self.named || self.is_lost();
        if let Some(file) = self.file.take()
            && keeps
        {
            std::mem::forget(file);
        }
    }
}

/// Its memory.
impl Arena {
    pub(super) fn mapped(backing: Backing) -> io::Result<Self> {
        let file = backing.fd().ok_or(io::ErrorKind::NotFound)?;
        let memory = Memory::Mapped(Mapping::of(file, BYTES / CELL)?);
        Ok(Self { backing: Some(backing), ..Self::over(memory) })
    }

    /// The file that is shared, whose lock is the turn among processes.
    pub(super) fn file(&self) -> Option<BorrowedFd<'_>> {
        self.backing.as_ref().and_then(Backing::fd)
    }

    pub(super) fn identity(&self) -> Option<Identity> {
        self.backing.as_ref().map(|backing| backing.identity)
    }

    /// Whether other processes can share it.
    pub(crate) fn is_shared(&self) -> bool {
        self.backing.is_some() && !self.is_lost()
    }

    /// Whether the application has closed the file. The memory stays, and can't be added to.
    pub(crate) fn is_lost(&self) -> bool {
        self.backing.as_ref().is_some_and(Backing::is_lost)
    }

    /// Has the system give memory for all cells before `end`; to be called with the turn.
    pub(super) fn give(&self, end: usize) -> Option<()> {
        if end <= self.given() {
            return Some(());
        }
        let until = end.checked_next_multiple_of(STEP)?;
        if until > self.memory.cells().len() || self.allocate(until).is_err() {
            return None;
        }
        self.know_given(until);
        Some(())
    }

    pub(super) fn allocate(&self, until: usize) -> io::Result<()> {
        let Some(file) = self.file() else { return Ok(()) };
        let bytes = (until * CELL) as u64;
        Ok(rustix::fs::fallocate(file, FallocateFlags::empty(), 0, bytes)?)
    }

    /// How many cells the system has given, as it says itself; as the head says, where the file is
    /// lost.
    pub(super) fn backed(&self) -> usize {
        let all = self.memory.cells().len();
        let Some(backing) = &self.backing else { return all };
        let told = || usize::try_from(self.head(GIVEN).load(Ordering::Relaxed)).unwrap_or(0);
        let given = |stat: Stat| usize::try_from(stat.st_blocks).unwrap_or(0) * (512 / CELL);
        backing.stat().map_or_else(told, given).min(all)
    }
}

pub(super) fn identity(stat: &Stat) -> Identity {
    (stat.st_dev, stat.st_ino)
}

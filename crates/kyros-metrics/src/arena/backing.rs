//! The file behind an arena's memory.
//!
//! Memory is asked for before it is written to: a full file system refuses then, where a write to
//! the mapping would kill.

use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FallocateFlags, Stat};

use super::{Arena, BYTES, GIVEN};
use crate::atomic::Ordering;
use crate::cells::{CELL, Mapping, Memory};

/// Cells by which an arena takes memory.
pub(super) const STEP: usize = (256 << 10) / CELL;

/// The file behind an arena, and which one it is: an application may close what isn't its own.
#[derive(Debug)]
pub(super) struct Backing {
    file: Descriptor,
    pub(super) identity: Identity,
}

/// Device and number.
pub(super) type Identity = (u64, u64);

#[derive(Debug)]
pub(super) enum Descriptor {
    Anonymous(OwnedFd),
    /// It stays open when the arena goes: closing it would give back the locks that this process
    /// has on the file through another arena.
    Named(ManuallyDrop<OwnedFd>),
}

/// Its memory.
impl Arena {
    pub(super) fn mapped(file: Descriptor) -> io::Result<Self> {
        let memory = Memory::Shared(Mapping::of(file.fd(), BYTES / CELL)?);
        let identity = identity(&rustix::fs::fstat(file.fd())?);
        Ok(Self { file: Some(Backing { file, identity }), ..Self::over(memory) })
    }

    /// The file that is shared, whose lock is the turn among processes.
    pub(super) fn file(&self) -> Option<BorrowedFd<'_>> {
        self.file.as_ref().map(|backing| backing.file.fd())
    }

    /// Whether other processes can share it.
    pub(crate) fn is_shared(&self) -> bool {
        self.file.is_some() && !self.is_lost()
    }

    /// Whether the application has closed the file. The memory stays, and can't be added to.
    pub(crate) fn is_lost(&self) -> bool {
        self.file.as_ref().is_some_and(|backing| {
            let now = rustix::fs::fstat(backing.file.fd());
            now.map_or(true, |stat| identity(&stat) != backing.identity)
        })
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
        self.head(GIVEN).store(until as u64, Ordering::Relaxed);
        Some(())
    }

    pub(super) fn allocate(&self, until: usize) -> io::Result<()> {
        let Some(file) = self.file() else { return Ok(()) };
        let bytes = (until * CELL) as u64;
        Ok(rustix::fs::fallocate(file, FallocateFlags::empty(), 0, bytes)?)
    }

    /// How many cells the system has given, as it says itself.
    pub(super) fn backed(&self) -> usize {
        let all = self.memory.cells().len();
        let Some(file) = self.file() else { return all };
        let bytes = rustix::fs::fstat(file).map_or(0, |stat| stat.st_blocks.saturating_mul(512));
        usize::try_from(bytes).map_or(0, |bytes| bytes / CELL).min(all)
    }
}

impl Descriptor {
    fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Anonymous(file) => file.as_fd(),
            Self::Named(file) => file.as_fd(),
        }
    }
}

pub(super) fn identity(stat: &Stat) -> Identity {
    (stat.st_dev, stat.st_ino)
}

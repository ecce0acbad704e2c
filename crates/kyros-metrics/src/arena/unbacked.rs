//! What is behind an arena's memory where loom explores: nothing, it is this process' own.

use std::io;
use std::os::fd::BorrowedFd;

use super::Arena;
use crate::sharing::Sharing;

/// There is none.
#[derive(Debug)]
pub(super) enum Backing {}

impl Arena {
    pub(crate) fn open(_: &Sharing, _: u64) -> io::Result<Self> {
        Ok(Self::private())
    }

    pub(crate) fn with_children(_: u64) -> Self {
        Self::private()
    }

    pub(super) fn file(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    pub(crate) fn is_shared(&self) -> bool {
        self.backing.is_some()
    }

    pub(crate) fn is_lost(&self) -> bool {
        false
    }

    pub(super) fn give(&self, end: usize) -> Option<()> {
        (end <= self.given()).then_some(())
    }

    pub(super) fn backed(&self) -> usize {
        self.memory.cells().len()
    }
}

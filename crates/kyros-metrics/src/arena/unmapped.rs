//! What is asked of a file before it is mapped: memory that isn't there may not even be read.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{FallocateFlags, FileType, Mode, OFlags, Stat};

use super::backing::STEP;
use super::{BYTES, LAYOUT, NAMESPACE, OWNER, WORKERS};
use crate::cells::CELL;
use crate::process::pid_namespace;

/// What a file says of itself, read without touching memory that may not be there.
pub(super) struct Head([u64; WORKERS]);

impl Head {
    pub(super) fn at(path: &Path) -> Option<Self> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        Self::of(&rustix::fs::open(path, flags, Mode::empty()).ok()?)
    }

    pub(super) fn of(file: &OwnedFd) -> Option<Self> {
        let mut bytes = [0; WORKERS * CELL];
        let read = rustix::io::pread(file, &mut bytes, 0).ok()?;
        let whole = rustix::fs::fstat(file).ok()?.st_size.cast_unsigned() >= BYTES as u64;
        let mut cells = [0; WORKERS];
        for (cell, bytes) in cells.iter_mut().zip(bytes.as_chunks::<CELL>().0) {
            *cell = u64::from_ne_bytes(*bytes);
        }
        (whole && read == bytes.len()).then_some(Self(cells))
    }

    pub(super) fn is_of(&self, owner: u64) -> bool {
        let Self(cells) = self;
        cells[0] == LAYOUT && cells[OWNER] == owner && cells[NAMESPACE] == pid_namespace()
    }
}

/// A file for an arena, with memory for its head, for this user alone.
pub(super) fn file_at(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?;
    let stat = rustix::fs::fstat(&file)?;
    if !is_this_users_alone(&stat) {
        let message = "the file is not this user's alone";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    if !holds_an_arena(&file, &stat)? {
        return Err(holds_something_else());
    }
    // A file without memory is of no use to those who come later, either.
    if let Err(error) = give_first(&file) {
        rustix::fs::unlink(path)?;
        return Err(error);
    }
    Ok(file)
}

/// Asks for the memory that is there before anything is read: reading a hole of a full file system
/// kills, too.
pub(super) fn give_first(file: &OwnedFd) -> io::Result<()> {
    let stat = rustix::fs::fstat(file)?;
    if stat.st_size.cast_unsigned() < BYTES as u64 {
        rustix::fs::ftruncate(file, BYTES as u64)?;
    }
    let first = (STEP * CELL) as u64;
    Ok(rustix::fs::fallocate(file, FallocateFlags::empty(), 0, first)?)
}

/// Whether a file is an arena of whatever layout, or about to become one. Any other is somebody's
/// whose path was given by mistake.
fn holds_an_arena(file: &OwnedFd, stat: &Stat) -> io::Result<bool> {
    let size = stat.st_size.cast_unsigned();
    let mut first = [0; CELL];
    rustix::io::pread(file, &mut first, 0)?;
    let first = u64::from_ne_bytes(first);
    let is_new = first == 0 && (size == 0 || size == BYTES as u64);
    Ok(is_new || first >> 8 == LAYOUT >> 8)
}

pub(super) fn holds_something_else() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the file holds something else")
}

fn is_this_users_alone(stat: &Stat) -> bool {
    let mode = stat.st_mode;
    FileType::from_raw_mode(mode) == FileType::RegularFile
        && stat.st_uid == rustix::process::geteuid().as_raw()
        && !Mode::from_raw_mode(mode).intersects(Mode::RWXG | Mode::RWXO)
        && stat.st_nlink == 1
}

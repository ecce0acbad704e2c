//! Where an arena's memory is, so that just the processes of one service come to share it.
//!
//! Children of `fork` inherit a mapping. Processes that a supervisor has started anew take the
//! arena that it has open itself, or else find each other by a file named after it.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, MemfdFlags, Mode, OFlags, SealFlags, Stat};

use super::backing::{Backing, STEP, identity};
use super::name::{Name, PREFIX};
use super::{Arena, BYTES, FIRST, LAYOUT, Log, OWNER};
use crate::atomic::Ordering;
use crate::cells::CELL;
use crate::process::open_files;
use crate::sharing::Sharing;

/// Where files are memory, and where files are if there is no such place.
const PLACES: [&str; 2] = ["/dev/shm", "/tmp"];

impl Arena {
    /// The arena of whoever shares one with this process, for the series of `owner`.
    ///
    /// # Errors
    /// The system's, where it gives no memory that can be shared.
    pub(crate) fn open(sharing: &Sharing, owner: u64) -> io::Result<Self> {
        match sharing {
            Sharing::Forks => Self::inherited(owner),
            Sharing::Supervisor(pid) => {
                Self::of_process(*pid, owner).map_or_else(|| Self::of_supervisor(*pid, owner), Ok)
            }
            Sharing::File(path) => Self::at(path, owner),
        }
    }

    /// The arena of a process that can share none: its children have it at the most.
    pub(crate) fn with_children(owner: u64) -> Self {
        Self::inherited(owner).unwrap_or_else(|_| Self::private())
    }

    fn inherited(owner: u64) -> io::Result<Self> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = rustix::fs::memfd_create(PREFIX, flags)?;
        rustix::fs::ftruncate(&file, BYTES as u64)?;
        rustix::fs::fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW)?;
        let arena = Self::mapped(Backing::of(file, false)?)?;
        arena.lock()?.adopt(owner)?;
        Ok(arena)
    }

    /// The arena that a process has open for these series, if it has one.
    fn of_process(pid: u32, owner: u64) -> Option<Self> {
        let taken = |file: PathBuf| {
            let file =
                rustix::fs::open(file, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).ok()?;
            let whole = rustix::fs::fstat(&file).ok()?.st_size.cast_unsigned() >= BYTES as u64;
            let backing = whole.then(|| Backing::of(file, true))?.ok()?;
            let arena = Self::mapped(backing).ok()?;
            arena.is_of(owner).then_some(())?;
            arena.lock().ok()?.adopt(owner).ok()?;
            Some(arena)
        };
        open_files(pid, Name::is_one).into_iter().find_map(taken)
    }

    fn of_supervisor(pid: u32, owner: u64) -> io::Result<Self> {
        let name = Name::of(pid, owner)?;
        let mut places = PLACES.map(Path::new).map(|place| (place, place.join(name.to_string())));
        places.sort_by_key(|(_, file)| stat_at(file).is_none());
        if places.iter().all(|(_, file)| stat_at(file).is_none())
            && let Some(arena) = Self::of_process(pid, owner)
        {
            return Ok(arena);
        }
        let mut opened = Err(io::ErrorKind::NotFound.into());
        for (place, file) in places {
            Name::unlink_stale(place);
            opened = Self::mapped_at(&file).and_then(|arena| {
                arena.lock()?.adopt(owner)?;
                Ok(arena)
            });
            if opened.is_ok() {
                break;
            }
        }
        opened
    }

    /// A file whose processes are all gone, or are another service's, is replaced.
    fn at(path: &Path, owner: u64) -> io::Result<Self> {
        for _ in 0..8 {
            let arena = Self::mapped_at(path)?;
            let log = arena.lock()?;
            if !arena.is_at(path) {
                continue;
            }
            if arena.head(0).load(Ordering::Acquire) == 0 || arena.is_in_use_for(owner) {
                log.adopt(owner)?;
                drop(log);
                return Ok(arena);
            }
            rustix::fs::unlink(path)?;
        }
        Err(io::Error::new(io::ErrorKind::ResourceBusy, "others keep replacing the file"))
    }

    /// The arena in a file that is made if it isn't there, for this user alone.
    fn mapped_at(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let file = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?;
        let stat = rustix::fs::fstat(&file)?;
        if !is_this_users_alone(&stat) {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the file is not this user's alone",
            ));
        }
        if !holds_an_arena(&file, &stat)? {
            return Err(holds_something_else());
        }
        if stat.st_size.cast_unsigned() < BYTES as u64 {
            rustix::fs::ftruncate(&file, BYTES as u64)?;
        }
        Self::mapped(Backing::of(file, true)?)
    }

    fn lock(&self) -> io::Result<Log<'_>> {
        let busy =
            || io::Error::new(io::ErrorKind::ResourceBusy, "a process keeps the file locked");
        self.log().ok_or_else(busy)
    }

    fn is_in_use_for(&self, owner: u64) -> bool {
        self.is_of(owner) && !self.workers().is_empty()
    }

    fn is_of(&self, owner: u64) -> bool {
        self.head(0).load(Ordering::Acquire) == LAYOUT
            && self.head(OWNER).load(Ordering::Relaxed) == owner
    }

    fn is_at(&self, path: &Path) -> bool {
        let there = stat_at(path).as_ref().map(identity);
        there.is_some() && there == self.identity()
    }
}

impl Log<'_> {
    /// Makes the head, unless another process has, and claims a number for this one.
    fn adopt(&self, owner: u64) -> io::Result<()> {
        if self.arena.head(0).load(Ordering::Acquire) == 0 {
            let first = FIRST.next_multiple_of(STEP);
            self.arena.allocate(first)?;
            self.arena.found(owner, first);
        }
        if !self.arena.is_of(owner) {
            return Err(holds_something_else());
        }
        self.claim();
        Ok(())
    }
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

fn holds_something_else() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the file holds something else")
}

fn stat_at(path: &Path) -> Option<Stat> {
    rustix::fs::statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW).ok()
}

fn is_this_users_alone(stat: &Stat) -> bool {
    let mode = stat.st_mode;
    FileType::from_raw_mode(mode) == FileType::RegularFile
        && stat.st_uid == rustix::process::geteuid().as_raw()
        && !Mode::from_raw_mode(mode).intersects(Mode::RWXG | Mode::RWXO)
        && stat.st_nlink == 1
}

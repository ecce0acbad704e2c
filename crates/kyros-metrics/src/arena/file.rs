//! Where an arena's memory is, so that just the processes of one service come to share it.
//!
//! Children of `fork` inherit a mapping. Processes that a supervisor has started anew take the
//! arena that it has open itself, or else find each other by a file named after it.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, MemfdFlags, Mode, OFlags, SealFlags, Stat};

use super::backing::{Backing, STEP, identity};
use super::name::{Name, PREFIX};
use super::unmapped::{Head, file_at, give_first, holds_something_else};
use super::{Arena, LAYOUT, Log, NAMESPACE, OWNER};
use crate::atomic::Ordering;
use crate::process::{open_files, pid_namespace};
use crate::sharing::Sharing;

/// Where files are memory, and where files are if there is no such place.
const PLACES: [&str; 2] = ["/dev/shm", "/tmp"];
/// How often a file is opened that others replace meanwhile.
const TRIES: usize = 8;

impl Arena {
    /// The arena of whoever shares one with this process, for the series of `owner`.
    ///
    /// # Errors
    /// The system's, where it gives no memory that can be shared.
    pub(crate) fn open(sharing: &Sharing, owner: u64) -> io::Result<Self> {
        match sharing {
            Sharing::Forks => Self::of_own(owner),
            Sharing::Supervisor(pid) => Self::of_supervisor(*pid, owner),
            Sharing::File(path) => Self::of_file(path, owner),
        }
    }

    /// The arena of a process that can share none: its children have it at the most.
    pub(crate) fn with_children(owner: u64) -> Self {
        Self::inherited(owner).unwrap_or_else(|_| Self::private())
    }

    /// That of the children this process has started already, or one for those it forks.
    fn of_own(owner: u64) -> io::Result<Self> {
        let name = Name::of(std::process::id(), owner);
        let founded = name.ok().and_then(|name| Self::founded(&name.to_string(), owner));
        founded.map_or_else(|| Self::inherited(owner), Ok)
    }

    fn inherited(owner: u64) -> io::Result<Self> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = rustix::fs::memfd_create(PREFIX, flags)?;
        give_first(&file)?;
        rustix::fs::fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW)?;
        let arena = Self::mapped(Backing::of(file, false)?)?;
        arena.lock()?.adopt(owner)?;
        Ok(arena)
    }

    /// What siblings have, else what the supervisor itself has, else a new file.
    fn of_supervisor(pid: u32, owner: u64) -> io::Result<Self> {
        let name = Name::of(pid, owner)?.to_string();
        let there = Self::founded(&name, owner).or_else(|| Self::of_process(pid, owner));
        there.map_or_else(|| Self::in_places(&name, owner), Ok)
    }

    /// The arena of a file of that name, where one has been made.
    fn founded(name: &str, owner: u64) -> Option<Self> {
        let mut files = PLACES.map(Path::new).into_iter().map(|place| place.join(name));
        let file = files.find(|file| Head::at(file).is_some_and(|head| head.is_of(owner)))?;
        Self::opened(&file, owner).ok()
    }

    /// The arena that a process has open for these series, if it has one.
    fn of_process(pid: u32, owner: u64) -> Option<Self> {
        let taken = |path: PathBuf| {
            let flags = OFlags::RDWR | OFlags::CLOEXEC;
            let file = rustix::fs::open(path, flags, Mode::empty()).ok()?;
            Head::of(&file).filter(|head| head.is_of(owner))?;
            let arena = Self::mapped(Backing::of(file, true).ok()?).ok()?;
            arena.lock().ok()?.adopt(owner).ok()?;
            Some(arena)
        };
        open_files(pid, Name::is_one).into_iter().find_map(taken)
    }

    fn in_places(name: &str, owner: u64) -> io::Result<Self> {
        let mut opened = Err(io::ErrorKind::NotFound.into());
        for place in PLACES.map(Path::new) {
            Name::unlink_stale(place);
            opened = Self::opened(&place.join(name), owner);
            if opened.is_ok() {
                break;
            }
        }
        opened
    }

    /// Others that use the file leave it to them: these series are in one beside it, then.
    fn of_file(path: &Path, owner: u64) -> io::Result<Self> {
        let mut beside = path.to_owned().into_os_string();
        beside.push(format!("-{}-{owner:016x}", pid_namespace()));
        let beside = Path::new(&beside);
        if Head::at(beside).is_some_and(|head| head.is_of(owner)) {
            return Self::opened(beside, owner);
        }
        match Self::opened(path, owner) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Self::opened(beside, owner),
            opened => opened,
        }
    }

    /// The arena in a file, which is made if it isn't there, and replaced if all are dead whose it
    /// was.
    fn opened(path: &Path, owner: u64) -> io::Result<Self> {
        for _ in 0..TRIES {
            let arena = Self::mapped(Backing::of(file_at(path)?, true)?)?;
            let log = arena.lock()?;
            if !arena.is_at(path) {
                continue;
            }
            if arena.is_empty() || (arena.is_of(owner) && !arena.is_abandoned(path)) {
                log.adopt(owner)?;
                drop(log);
                return Ok(arena);
            }
            if !arena.is_abandoned(path) {
                return Err(io::ErrorKind::AddrInUse.into());
            }
            rustix::fs::unlink(path)?;
        }
        Err(io::Error::new(io::ErrorKind::ResourceBusy, "others keep replacing the file"))
    }

    fn lock(&self) -> io::Result<Log<'_>> {
        let busy =
            || io::Error::new(io::ErrorKind::ResourceBusy, "a process keeps the file locked");
        self.log().ok_or_else(busy)
    }

    fn is_empty(&self) -> bool {
        self.head(0).load(Ordering::Acquire) == 0
    }

    fn is_of(&self, owner: u64) -> bool {
        let same = |at, value| self.head(at).load(Ordering::Relaxed) == value;
        same(0, LAYOUT) && same(OWNER, owner) && same(NAMESPACE, pid_namespace())
    }

    /// Whether nobody will come for the series any more. A supervisor that is alive starts workers
    /// anew; whether processes of another namespace are alive can't be told.
    fn is_abandoned(&self, path: &Path) -> bool {
        let same = |at, value| self.head(at).load(Ordering::Relaxed) == value;
        let told = same(0, LAYOUT) && same(NAMESPACE, pid_namespace());
        told && self.workers().is_empty() && !Name::is_of_living(path)
    }

    fn is_at(&self, path: &Path) -> bool {
        let there = stat_at(path).as_ref().map(identity);
        there.is_some() && there == self.identity()
    }
}

impl Log<'_> {
    /// Makes the head, unless another process has, and claims a number for this one.
    fn adopt(&self, owner: u64) -> io::Result<()> {
        if self.arena.is_empty() {
            self.arena.found(owner, STEP);
        }
        if !self.arena.is_of(owner) {
            return Err(holds_something_else());
        }
        self.claim();
        Ok(())
    }
}

fn stat_at(path: &Path) -> Option<Stat> {
    rustix::fs::statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW).ok()
}

//! The name of a file that the children of one supervisor share.

use std::ffi::CStr;
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FlockOperation, Mode, OFlags};

use crate::process::{pid_namespace, started};

/// What the names of arenas begin with; all there is of one that has no file.
pub(super) const PREFIX: &str = "kyros-obs";

/// The user and the namespace that process numbers are of; the supervisor and when it was started,
/// so that no later process of that number is taken for it; whose series they are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    user: u32,
    namespace: u64,
    supervisor: u32,
    started: u64,
    owner: u64,
}

impl Name {
    /// The name for this user's children of a process.
    pub(super) fn of(supervisor: u32, owner: u64) -> io::Result<Self> {
        let gone = || io::Error::new(io::ErrorKind::NotFound, "no such process");
        let user = rustix::process::geteuid().as_raw();
        let started = started(supervisor).ok_or_else(gone)?;
        Ok(Self { user, namespace: pid_namespace(), supervisor, started, owner })
    }

    /// Whether a file of that name may be an arena.
    pub(super) fn is_one(text: &str) -> bool {
        text == PREFIX || Self::parse(text).is_some()
    }

    /// Whether a path is named after a supervisor that is alive.
    pub(super) fn is_of_living(path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str()).and_then(Self::parse);
        name.is_some_and(|name| started(name.supervisor) == Some(name.started))
    }

    /// Removes the files of this user that nobody will come for any more. Workers that are left
    /// keep the memory.
    pub(super) fn unlink_stale(place: &Path) {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let Ok(directory) = rustix::fs::openat(CWD, place, flags, Mode::empty()) else { return };
        let Ok(entries) = Dir::read_from(&directory) else { return };
        for entry in entries.flatten() {
            let file = entry.file_name();
            let name = file.to_str().ok().and_then(Self::parse);
            if name.is_some_and(|name| name.is_stale(&directory, file)) {
                // Another process may have been faster.
                let _ = rustix::fs::unlinkat(&directory, file, AtFlags::empty());
            }
        }
    }

    /// Of another namespace's processes nothing is known but whether one has the file.
    fn is_stale(&self, directory: &OwnedFd, file: &CStr) -> bool {
        let ours = self.user == rustix::process::geteuid().as_raw();
        ours && if self.namespace == pid_namespace() {
            started(self.supervisor) != Some(self.started)
        } else {
            is_held_by_none(directory, file)
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let parts = text.strip_prefix(PREFIX)?.strip_prefix('-')?;
        let mut parts = parts.split('-');
        let name = Self {
            user: parts.next()?.parse().ok()?,
            namespace: parts.next()?.parse().ok()?,
            supervisor: parts.next()?.parse().ok()?,
            started: parts.next()?.parse().ok()?,
            owner: u64::from_str_radix(parts.next()?, 16).ok()?,
        };
        parts.next().is_none().then_some(name)
    }
}

fn is_held_by_none(directory: &OwnedFd, file: &CStr) -> bool {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let opened = rustix::fs::openat(directory, file, flags, Mode::empty());
    let exclusive = FlockOperation::NonBlockingLockExclusive;
    opened.is_ok_and(|file| rustix::fs::flock(&file, exclusive).is_ok())
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, namespace, supervisor, started, owner } = self;
        write!(out, "{PREFIX}-{user}-{namespace}-{supervisor}-{started}-{owner:016x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_as_what_it_was_made_of() {
        let name = Name::of(std::process::id(), 0xfeed).unwrap();
        assert_eq!(Name::parse(&name.to_string()), Some(name));
        assert_eq!(Name::parse("kyros-obs-1-2-3-4"), None);
        assert_eq!(Name::parse("kyros-obs-1-2-3-4-5-6"), None);
    }

    #[test]
    fn stale_is_what_nobody_will_come_for() {
        let place = std::env::temp_dir().join(format!("kyros-stale-{}", std::process::id()));
        rustix::fs::mkdir(&place, Mode::RWXU).unwrap();
        let check = |name: Name, stays: bool| {
            let file = place.join(name.to_string());
            let flags = OFlags::CREATE | OFlags::RDWR;
            let held = rustix::fs::open(&file, flags, Mode::RWXU).unwrap();
            rustix::fs::flock(&held, FlockOperation::LockShared).unwrap();
            Name::unlink_stale(&place);
            assert_eq!(rustix::fs::stat(&file).is_ok(), stays, "{name}");
            drop(held);
            Name::unlink_stale(&place);
            let ours = name.namespace == pid_namespace();
            assert_eq!(rustix::fs::stat(&file).is_ok(), stays && ours, "{name}");
            let _ = rustix::fs::unlink(&file);
        };
        let alive = || Name::of(std::process::id(), 1).unwrap();
        check(alive(), true);
        check(Name { started: alive().started + 1, ..alive() }, false);
        check(Name { namespace: 1, ..alive() }, true);
        rustix::fs::rmdir(&place).unwrap();
    }
}

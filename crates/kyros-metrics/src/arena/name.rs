//! The name of a file that the children of one supervisor share.

use std::fmt;
use std::io;
use std::path::Path;

use rustix::fs::{CWD, Dir, Mode, OFlags};

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

    /// Removes the files whose supervisor is gone. Its workers, if any are left, keep the memory.
    pub(super) fn unlink_stale(place: &Path) {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let Ok(directory) = rustix::fs::openat(CWD, place, flags, Mode::empty()) else { return };
        let Ok(entries) = Dir::read_from(&directory) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name().to_str().ok().and_then(Self::parse);
            if name.is_some_and(|name| name.is_stale()) {
                let none = rustix::fs::AtFlags::empty();
                // Another process may have been faster.
                let _ = rustix::fs::unlinkat(&directory, entry.file_name(), none);
            }
        }
    }

    /// Of another user's or namespace's processes nothing is known.
    fn is_stale(&self) -> bool {
        self.user == rustix::process::geteuid().as_raw()
            && self.namespace == pid_namespace()
            && started(self.supervisor) != Some(self.started)
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
    fn stale_is_what_a_dead_process_of_this_user_has_left() {
        let alive = Name::of(std::process::id(), 1).unwrap();
        assert!(!alive.is_stale());
        assert!(Name { started: alive.started + 1, ..alive }.is_stale());
        let alive = Name::of(std::process::id(), 1).unwrap();
        assert!(!Name { started: 1, namespace: 1, ..alive }.is_stale());
    }
}

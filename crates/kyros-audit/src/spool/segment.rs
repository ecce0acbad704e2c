//! A file of frames that grows until it is closed.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::{frame, fresh_file, sync_directory};
use crate::stats::locked;

const SUFFIX: &str = "segment";

/// The segment that events are appended to.
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    file: File,
    state: Mutex<State>,
    changed: Condvar,
}

/// Sizes in bytes.
#[derive(Default)]
struct State {
    written: u64,
    durable: u64,
    syncing: bool,
    failed: bool,
}

impl Segment {
    pub(super) fn create(home: &Path, number: u64) -> io::Result<Self> {
        let path = path(home, number);
        // A file of that name can only be what an earlier try left.
        let file = fresh_file(&path)?;
        sync_directory(home)?;
        Ok(Self { number, path, file, state: Mutex::default(), changed: Condvar::new() })
    }

    /// Writes a frame after the last; answers where it ends. A part that a full disk left is
    /// overwritten by the next.
    pub(super) fn append(&self, text: &str) -> io::Result<u64> {
        let frame = frame::encode(text);
        let mut state = locked(&self.state);
        if let Err(error) = self.file.write_all_at(&frame, state.written) {
            let _ = self.file.set_len(state.written);
            return Err(error);
        }
        state.written += frame.len() as u64;
        Ok(state.written)
    }

    /// Returns when everything up to that end is on the disk. Of the threads that wait, one syncs
    /// for all that have written before.
    pub(super) fn commit(&self, end: u64) -> io::Result<()> {
        let mut state = locked(&self.state);
        while state.durable < end {
            if state.failed {
                return Err(io::Error::other("an earlier sync of this segment failed"));
            }
            state = if state.syncing { self.wait(state) } else { self.sync(state)? };
        }
        Ok(())
    }

    /// How many bytes are on the disk.
    pub(super) fn durable(&self) -> u64 {
        locked(&self.state).durable
    }

    /// How many bytes are written, on the disk or not.
    pub(super) fn written(&self) -> u64 {
        locked(&self.state).written
    }

    /// Whether a sync failed: the kernel may have dropped what it had, so nothing is appended here
    /// any more.
    pub(super) fn failed(&self) -> bool {
        locked(&self.state).failed
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn sync<'a>(&'a self, mut state: MutexGuard<'a, State>) -> io::Result<MutexGuard<'a, State>> {
        let end = state.written;
        state.syncing = true;
        drop(state);
        let synced = self.file.sync_data();
        let mut state = locked(&self.state);
        state.syncing = false;
        match synced {
            Ok(()) => state.durable = end,
            Err(_) => self.fail(&mut state),
        }
        self.changed.notify_all();
        synced.map(|()| state)
    }

    /// What was not confirmed is cut off: its callers are told that it is not recorded.
    fn fail(&self, state: &mut State) {
        state.failed = true;
        let _ = self.file.set_len(state.durable);
    }
}

/// Where the segment of a number is.
pub(super) fn path(home: &Path, number: u64) -> PathBuf {
    home.join(format!("{number:010}.{SUFFIX}"))
}

/// The number of a segment's file.
pub(super) fn number(path: &Path) -> Option<u64> {
    let ours = path.extension().is_some_and(|extension| extension == SUFFIX);
    path.file_stem()?.to_str().filter(|_| ours)?.parse().ok()
}

//! A home's events on their way out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::cursor::Cursor;
use super::frame::{self, MAX_FRAME, Step};
use super::segment;

/// Bytes read at once: a whole frame wherever reading starts.
const CHUNK: usize = 2 * MAX_FRAME;

/// Most events in a batch.
const BATCH: usize = 500;

/// Where segments with damage are kept for whoever looks into it.
const DAMAGED: &str = "damaged";

/// Events that follow each other in a segment.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The events' rows.
    pub(crate) rows: Vec<String>,
    /// Stretches that could not be read.
    pub(crate) damage: u64,
    /// Where the next batch starts.
    pub(crate) end: Cursor,
}

impl Batch {
    /// Whether there is neither an event nor damage.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.damage == 0
    }
}

/// Reads a home's events in order, and forgets the confirmed ones.
pub(crate) struct Outbox {
    home: PathBuf,
    cursor: Cursor,
    damaged: BTreeSet<u64>,
}

impl Outbox {
    pub(crate) fn open(home: &Path) -> Self {
        Self { home: home.to_owned(), cursor: Cursor::load(home), damaged: BTreeSet::new() }
    }

    /// The confirmed place.
    pub(crate) fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// The events after a place, from segments of these readable sizes; an empty batch at the end.
    pub(crate) fn read(&self, from: Cursor, sizes: &BTreeMap<u64, u64>) -> io::Result<Batch> {
        let mut end = from;
        for (&number, &size) in sizes.range(from.segment..) {
            if number > end.segment {
                end = Cursor { segment: number, offset: 0 };
            }
            let batch = self.read_segment(end, size)?;
            if !batch.is_empty() {
                return Ok(batch);
            }
            end = batch.end;
        }
        Ok(Batch { end, ..Batch::default() })
    }

    /// All events that are not yet confirmed.
    pub(crate) fn read_all(&self, sizes: &BTreeMap<u64, u64>) -> io::Result<Vec<String>> {
        let mut rows = Vec::new();
        self.each_batch(sizes, |batch| rows.extend(batch))?;
        Ok(rows)
    }

    /// How many events are not yet confirmed, and the first of them.
    pub(crate) fn survey(&self, sizes: &BTreeMap<u64, u64>) -> io::Result<(usize, Option<String>)> {
        let (mut count, mut first) = (0, None);
        self.each_batch(sizes, |batch| {
            count += batch.len();
            first = first.take().or_else(|| batch.into_iter().next());
        })?;
        Ok((count, first))
    }

    /// Confirms everything before a place; segments before it are deleted.
    pub(crate) fn confirm(&mut self, batch: &Batch) -> io::Result<()> {
        if batch.damage > 0 {
            self.damaged.insert(batch.end.segment);
        }
        let finished = self.cursor.segment..batch.end.segment;
        self.cursor = batch.end;
        batch.end.store(&self.home)?;
        finished.into_iter().try_for_each(|number| self.dispose(number))
    }

    /// Saves what was damaged from the deletion of the home.
    pub(crate) fn keep_damaged(&self) -> io::Result<()> {
        self.damaged.iter().try_for_each(|number| self.keep(*number))
    }

    fn each_batch(
        &self,
        sizes: &BTreeMap<u64, u64>,
        mut take: impl FnMut(Vec<String>),
    ) -> io::Result<()> {
        let mut at = self.cursor;
        loop {
            let batch = self.read(at, sizes)?;
            if batch.is_empty() {
                return Ok(());
            }
            at = batch.end;
            take(batch.rows);
        }
    }

    fn read_segment(&self, from: Cursor, size: u64) -> io::Result<Batch> {
        let mut batch = Batch { end: from, ..Batch::default() };
        let left = usize::try_from(size.saturating_sub(from.offset)).unwrap_or(CHUNK);
        if left > 0 {
            let bytes = self.chunk(from, left.min(CHUNK))?;
            batch.end.offset += collect(&bytes, bytes.len() == left, &mut batch) as u64;
        }
        Ok(batch)
    }

    fn chunk(&self, from: Cursor, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let file = File::open(segment::path(&self.home, from.segment))?;
        file.read_exact_at(&mut bytes, from.offset)?;
        Ok(bytes)
    }

    fn dispose(&self, number: u64) -> io::Result<()> {
        if self.damaged.contains(&number) {
            return self.keep(number);
        }
        ignore_missing(fs::remove_file(segment::path(&self.home, number)))
    }

    fn keep(&self, number: u64) -> io::Result<()> {
        let path = segment::path(&self.home, number);
        let (Some(spool), Some(writer)) = (self.home.parent(), self.home.file_name()) else {
            return Ok(());
        };
        let kept = spool.join(DAMAGED);
        fs::create_dir_all(&kept)?;
        let name = format!("{}-{number}", writer.to_string_lossy());
        ignore_missing(fs::rename(path, kept.join(name)))
    }
}

/// Takes the frames of a chunk, which may be the segment's last; answers where the next one starts.
fn collect(bytes: &[u8], last: bool, batch: &mut Batch) -> usize {
    let mut at = 0;
    while batch.rows.len() < BATCH && at < bytes.len() {
        match frame::step(bytes, at) {
            Step::Frame { text, end } => {
                batch.rows.push(text.to_owned());
                at = end;
            }
            Step::Damage { end } if last || end < bytes.len() => {
                batch.damage += 1;
                at = end;
            }
            Step::End if last => return bytes.len(),
            _ => return unclear(at, batch),
        }
    }
    at
}

/// The chunk ends before it's clear what stands here: the next one starts here, or where a frame
/// that fits into this one can't start any more.
fn unclear(at: usize, batch: &mut Batch) -> usize {
    if at > 0 {
        return at;
    }
    batch.damage += 1;
    MAX_FRAME
}

fn ignore_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

//! This process' own home: events come in, and leave when the database has confirmed them.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use uuid::Uuid;

use super::cursor::Cursor;
use super::frame::MAX_TEXT;
use super::segment::Segment;
use super::{Batch, Home, Outbox};
use crate::Error;
use crate::row::{self, Row};
use crate::stats::locked;

/// What events of this process are appended to. Where both locks are taken, the outbox' is first.
pub(crate) struct Journal {
    pub(crate) writer_id: Uuid,
    home: Home,
    segment_bytes: u64,
    tail: Mutex<Tail>,
    outbox: Mutex<Outbox>,
}

struct Tail {
    /// Absent once the journal is closed.
    active: Option<Arc<Segment>>,
    /// Sizes in bytes of the closed segments.
    closed: BTreeMap<u64, u64>,
    next_seq: u64,
}

impl Journal {
    pub(crate) fn create(spool: &Path, segment_bytes: u64) -> Result<Self, Error> {
        let writer_id = row::fresh_id(Timestamp::now());
        let home =
            Home::create(spool, writer_id).map_err(Error::spool("create a home in", spool))?;
        let active = Segment::create(home.path(), 0);
        let active = active.inspect_err(|_| drop(home.remove()));
        let active = active.map_err(Error::spool("create a segment in", home.path()))?;
        let outbox = Mutex::new(Outbox::open(home.path()));
        let tail = Tail { active: Some(Arc::new(active)), closed: BTreeMap::new(), next_seq: 1 };
        Ok(Self { writer_id, home, segment_bytes, tail: Mutex::new(tail), outbox })
    }

    /// Returns the row's number when the row is on the disk; none where the journal is closed.
    pub(crate) fn append(&self, row: Row) -> Result<Option<u64>, Error> {
        let Some((segment, end, seq)) = self.write(row)? else {
            return Ok(None);
        };
        segment.commit(end).map_err(Error::spool("sync", &segment.path))?;
        Ok(Some(seq))
    }

    /// Bytes that are not yet confirmed.
    pub(crate) fn backlog(&self) -> u64 {
        let confirmed = locked(&self.outbox).cursor();
        let sizes = self.sizes();
        let total: u64 = sizes.range(confirmed.segment..).map(|(_, size)| size).sum();
        total.saturating_sub(confirmed.offset)
    }

    /// The oldest events that are not yet confirmed.
    pub(crate) fn read(&self) -> io::Result<Batch> {
        let outbox = locked(&self.outbox);
        outbox.read(outbox.cursor(), &self.sizes())
    }

    /// All events that are not yet confirmed.
    pub(crate) fn pending(&self) -> Result<Vec<String>, Error> {
        let outbox = locked(&self.outbox);
        outbox.read_all(&self.sizes()).map_err(Error::spool("read", self.home.path()))
    }

    pub(crate) fn confirm(&self, batch: &Batch) -> io::Result<()> {
        let confirmed = locked(&self.outbox).confirm(batch);
        locked(&self.tail).closed.retain(|number, _| *number >= batch.end.segment);
        confirmed
    }

    /// Takes no more events; the home goes where all of its events are confirmed.
    pub(crate) fn close(&self) -> io::Result<()> {
        let outbox = locked(&self.outbox);
        let mut tail = locked(&self.tail);
        let end = tail.active.take().map(|active| active.place());
        if end == Some(outbox.cursor()) {
            outbox.keep_damaged()?;
            self.home.remove()?;
        }
        Ok(())
    }

    /// Leaves the home to the parent of a forked child.
    pub(crate) fn disown(&self) {
        self.home.disown();
    }

    fn write(&self, row: Row) -> Result<Option<(Arc<Segment>, u64, u64)>, Error> {
        let mut tail = locked(&self.tail);
        let seq = tail.next_seq;
        let text = row.numbered(seq);
        if text.len() > MAX_TEXT {
            return Err(Error::TooLarge { bytes: text.len(), limit: MAX_TEXT });
        }
        let Some(segment) = self.room(&mut tail)? else {
            return Ok(None);
        };
        let end = segment.append(&text).map_err(Error::spool("append to", &segment.path))?;
        tail.next_seq += 1;
        Ok(Some((segment, end, seq)))
    }

    /// The active segment, after a new one was begun where the last is full or has failed.
    fn room(&self, tail: &mut Tail) -> Result<Option<Arc<Segment>>, Error> {
        let Some(active) = tail.active.clone() else {
            return Ok(None);
        };
        if !active.failed() && active.written() < self.segment_bytes {
            return Ok(Some(active));
        }
        let next = Segment::create(self.home.path(), active.number + 1);
        let next = next.map_err(Error::spool("create a segment in", self.home.path()))?;
        let _ = active.commit(active.written());
        tail.closed.insert(active.number, active.durable());
        Ok(tail.active.insert(Arc::new(next)).clone().into())
    }

    fn sizes(&self) -> BTreeMap<u64, u64> {
        let tail = locked(&self.tail);
        let mut sizes = tail.closed.clone();
        sizes.extend(tail.active.iter().map(|active| (active.number, active.durable())));
        sizes
    }
}

impl Segment {
    /// The place after the last frame.
    fn place(&self) -> Cursor {
        Cursor { segment: self.number, offset: self.written() }
    }
}

//! Changes to the log, by whoever has the turn.

use super::turn::Locked;
use super::{Arena, Draft, END, EPOCH, Kind, Record, TURNS, Worker, turn, worker};
use crate::atomic::Ordering;
use crate::cells::{CELL, Cells};
use crate::clock::seconds;

/// Cells that are kept for overflow series, so that there is room for them when all else is full.
const RESERVE: usize = (128 << 10) / CELL;

/// The log of an arena, for the one who may change it.
pub(crate) struct Log<'a> {
    pub(super) arena: &'a Arena,
    _locked: Locked<'a>,
}

/// What a record may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// What is not kept for overflow.
    Common,
    /// All there is.
    Reserve,
}

impl Arena {
    /// The log, when it is this thread's turn; none where another process doesn't give it back, or
    /// where the file is lost.
    pub(crate) fn log(&self) -> Option<Log<'_>> {
        if self.is_lost() {
            return None;
        }
        let turns = self.head(TURNS);
        let locked = turn::lock(self.file(), turns, &self.stuck)?;
        Some(Log { arena: self, _locked: locked })
    }

    /// The same, waited for although it was not to be had a moment ago.
    pub(crate) fn log_again(&self) -> Option<Log<'_>> {
        self.stuck.store(0, Ordering::Relaxed);
        self.log()
    }
}

impl Log<'_> {
    /// Makes a record visible to all; none where the memory is full.
    pub(crate) fn append(&self, draft: &Draft<'_>, room: Room) -> Option<Record> {
        let size = draft.size()?;
        match self.extend(size, room) {
            Some(cells) => {
                let record = Record::write(cells, draft)?;
                let end = self.arena.end() + size;
                self.arena.head(END).store(end as u64, Ordering::Release);
                Some(record)
            }
            None => self.reuse(size, draft),
        }
    }

    /// Cells behind the end, where there is memory for them.
    fn extend(&self, size: usize, room: Room) -> Option<Cells> {
        let at = self.arena.end();
        let end = at.checked_add(size)?;
        let spare = if room == Room::Common { RESERVE } else { 0 };
        self.arena.give(end.checked_add(spare)?)?;
        Cells::of(&self.arena.memory, at, size)
    }

    /// Puts a record where one has died long ago. Readers have to read all again then.
    fn reuse(&self, size: usize, draft: &Draft<'_>) -> Option<Record> {
        let now = seconds();
        let mut records = self.arena.news(None).records.into_iter();
        let free = records.find(|record| record.is_free_for(size, now))?;
        let record = Record::write(free.into_cells(), draft);
        self.changed();
        record
    }

    /// Ends records, and returns how many; nobody finds them any more.
    pub(crate) fn kill<'r>(&self, records: impl IntoIterator<Item = &'r Record>) -> usize {
        let now = seconds();
        let alive = records.into_iter().filter(|record| record.is_current());
        let killed = alive.inspect(|record| record.kill(now)).count();
        if killed > 0 {
            self.changed();
        }
        killed
    }

    /// Ends the records that nobody has used for so many seconds, and returns how many.
    pub(crate) fn kill_idle<'r>(
        &self,
        records: impl IntoIterator<Item = &'r Record>,
        after: u64,
    ) -> usize {
        let now = seconds();
        let idle = |since| now.saturating_sub(since) >= after;
        let is_idle = |record: &&Record| record.idle_since(now).is_some_and(idle);
        self.kill(records.into_iter().filter(is_idle))
    }

    /// Claims a number for this process, unless it has one. What its predecessor left in gauges
    /// goes.
    pub(crate) fn claim(&self) -> Option<Worker> {
        let pid = std::process::id();
        let known = self.arena.workers().into_iter().find(|worker| worker.pid == pid);
        if known.is_some() {
            return known;
        }
        let worker = worker::claim(self.arena.slots())?;
        for record in self.arena.news(None).records {
            if record.kind == Kind::Gauge && worker.ordinal < record.values() {
                record.value(worker.ordinal).store(0, Ordering::Relaxed);
            }
        }
        Some(worker)
    }

    fn changed(&self) {
        self.arena.head(EPOCH).fetch_add(1, Ordering::Release);
    }
}

impl Drop for Log<'_> {
    /// Those who wait see that turns are taken and given back.
    fn drop(&mut self) {
        self.arena.head(TURNS).fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::arena::{FIRST, Position};
    use crate::cells::Memory;

    fn draft(text: &[u8]) -> Draft<'_> {
        Draft { kind: Kind::Series, family: 7, text, values: 8 }
    }

    fn small() -> Arena {
        let cells = FIRST + RESERVE + 100;
        let arena = Arena::over(Memory::heap(cells));
        arena.found(0, cells);
        arena
    }

    /// Spends all common memory.
    fn fill(log: &Log<'_>) -> Vec<Record> {
        let append = |_| log.append(&draft(b"some text"), Room::Common);
        (0..100).map_while(append).collect()
    }

    fn texts(arena: &Arena, read: Option<Position>) -> Vec<Vec<u8>> {
        let records = arena.news(read).records.into_iter();
        records.filter(Record::is_series).filter_map(|record| record.text()).collect()
    }

    #[test]
    fn the_place_of_a_dead_record_is_used_after_its_rest() {
        let arena = small();
        let log = arena.log().unwrap();
        let (records, read) = (fill(&log), arena.position());
        let append = |text: &[u8]| log.append(&draft(text), Room::Common);
        records[2].value(0).store(5, Ordering::Relaxed);
        records[2].kill(seconds());
        assert!(append(b"too soon").is_none());
        records[2].kill(seconds().saturating_sub(600));
        assert!(append(&[b'x'; 100]).is_none());
        assert_eq!(append(b"new").unwrap().value(0).load(Ordering::Relaxed), 0);
        assert!(append(b"one more").is_none());
        assert!(!records[2].is_current() && texts(&arena, Some(read)).contains(&b"new".to_vec()));
    }

    #[test]
    fn what_is_kept_back_is_for_overflow() {
        let arena = small();
        let log = arena.log().unwrap();
        fill(&log);
        assert!(log.append(&draft(b"other"), Room::Common).is_none());
        assert!(log.append(&draft(b"other"), Room::Reserve).is_some());
    }
}

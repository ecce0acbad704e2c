//! Where a family's samples go: to a series there is, to a new one, or to one that stands for many.

use std::sync::Arc;

use super::Family;
use crate::arena::{Arena, Log, Record, Room};
use crate::clock::seconds;
use crate::directory::{Directory, is};
use crate::governor::Placement;
use crate::scrub;
use crate::series::{Stored, text};

/// Finding and making series.
impl Family {
    pub(crate) fn stored(&self, values: &[&str]) -> Arc<Stored> {
        let known = self.0.directory.load().find(values);
        known.unwrap_or_else(|| self.place_clean(values).0)
    }

    /// The series for what remains of the values, and whether it has just these.
    pub(super) fn place_clean(&self, values: &[&str]) -> (Arc<Stored>, bool) {
        let directory = self.0.directory.load();
        let is_known = |label, value: &str| directory.knows(label, value);
        let clean = scrub::values(self.0.rules.scrub, self.labels().len(), values, is_known);
        drop(directory);
        let values: Vec<_> = clean.iter().map(AsRef::as_ref).collect();
        let stored = self.place(&values);
        let exact = is(&stored.values, &values);
        (stored, exact)
    }

    fn place(&self, values: &[&str]) -> Arc<Stored> {
        let placement = self.placement(values);
        if let Placement::Known(stored) = &placement
            && (is(&stored.values, values) || !self.0.clearings.is_due())
        {
            return Arc::clone(stored);
        }
        let made = self.try_make(values).or_else(|| placement.known());
        made.or_else(|| self.other()).unwrap_or_else(|| self.0.apart.stored())
    }

    /// Makes a series, unless that was refused a moment ago: nobody waits twice for the same.
    fn try_make(&self, values: &[&str]) -> Option<Arc<Stored>> {
        if !self.0.refusals.is_due() && self.other().is_some() {
            return None;
        }
        let made = self.arena().log().and_then(|log| self.make(&log, values));
        match made {
            Some(_) => self.settle(),
            None => self.0.refusals.begin(),
        }
        made
    }

    /// Asks again, since another thread or process may have taken the room.
    fn make(&self, log: &Log<'_>, values: &[&str]) -> Option<Arc<Stored>> {
        self.declare(log)?;
        let mut placement = self.placement(values);
        if !placement.has(values) && self.make_room(log) {
            placement = self.placement(values);
        }
        match placement {
            Placement::Known(stored) => Some(stored),
            Placement::New(grant) => {
                let made = self.append(log, grant.values(), self.room());
                made.or_else(|| self.make_other(log))
            }
        }
    }

    fn placement(&self, values: &[&str]) -> Placement<Arc<Stored>> {
        self.catch_up().place(&self.0.governor, values)
    }

    /// Where the memory is full: the series for all that has no place of its own. What is idle
    /// makes room for those that come later.
    fn make_other(&self, log: &Log<'_>) -> Option<Arc<Stored>> {
        self.0.refusals.begin();
        if self.0.clearings.is_due() {
            self.make_room(log);
        }
        self.overflow_series(log)
    }

    fn overflow_series(&self, log: &Log<'_>) -> Option<Arc<Stored>> {
        self.other().or_else(|| self.append(log, &self.0.governor.collapsed(), Room::Reserve))
    }

    fn other(&self) -> Option<Arc<Stored>> {
        self.catch_up().find(&self.0.governor.collapsed())
    }

    /// The few series that count the overflow have their room when all else is full.
    fn room(&self) -> Room {
        if self.counts_overflow() { Room::Common } else { Room::Reserve }
    }

    fn append(&self, log: &Log<'_>, values: &[impl AsRef<str>], room: Room) -> Option<Arc<Stored>> {
        log.append(&self.0.shape.draft(&text(values)), room)?;
        let values: Vec<_> = values.iter().map(AsRef::as_ref).collect();
        self.catch_up().find(&values)
    }

    /// Brings what could be placed nowhere into the overflow series, if there is one or can be.
    pub(crate) fn settle(&self) {
        if !self.0.apart.is_empty() {
            let other = self.arena().log().and_then(|log| self.overflow_series(&log));
            if let Some(other) = other {
                self.0.apart.pour_into(&other);
            }
        }
    }

    /// Reads what others have added or removed.
    pub(super) fn catch_up(&self) -> Arc<Directory> {
        let directory = self.0.directory.load_full();
        if directory.read == Some(self.arena().position()) {
            return directory;
        }
        let _taken = self.0.turn.take();
        let directory = self.0.directory.load_full();
        let news = self.arena().news(directory.read);
        let ours = news.records.into_iter().filter(|record| record.family == self.0.shape.key);
        let ours: Vec<_> = ours.filter_map(|record| self.read(record)).collect();
        let next = if ours.is_empty() && !news.anew {
            directory.moved(news.position)
        } else {
            directory.with(&self.0.governor, news.anew, ours, news.position)
        };
        let next = Arc::new(next);
        self.0.directory.store(Arc::clone(&next));
        next
    }

    /// The series of one of the family's records, if it is sound.
    pub(crate) fn read(&self, record: Record) -> Option<Stored> {
        record.is_series().then(|| Stored::of(&self.0.shape, record)).flatten()
    }

    fn arena(&self) -> &Arena {
        &self.0.shape.arena
    }
}

/// Making room.
impl Family {
    /// Notes which series nobody has used since the last note.
    pub(crate) fn note_idle(&self) {
        if self.0.notes.is_due() {
            self.0.notes.begin();
            let now = seconds();
            self.catch_up().sorted().iter().for_each(|stored| stored.record.note_idle(now));
        }
    }

    /// Ends the series that have been idle; whether there were any.
    fn make_room(&self, log: &Log<'_>) -> bool {
        self.0.clearings.begin();
        let known = self.catch_up().sorted();
        let records = known.iter().map(|stored| &stored.record);
        log.kill_idle(records, self.0.rules.limits.idle.as_secs()) > 0
    }

    /// The series with a value of a label.
    pub(crate) fn with_value(&self, label: &str, value: &str) -> Vec<Arc<Stored>> {
        let Some(at) = self.labels().iter().position(|name| name == label) else {
            return Vec::new();
        };
        let known = self.catch_up().sorted();
        let has = |stored: &&Arc<Stored>| stored.values.get(at).is_some_and(|v| **v == *value);
        known.iter().filter(has).cloned().collect()
    }
}

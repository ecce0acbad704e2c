//! Fields that a service's overlay declares: taken out of what else the caller gave.

use jiff::Timestamp;
use kyros_redact::{Redactor, Value};
use kyros_schema::FieldKind;

use crate::encoder::{Slot, Source};
use crate::level::Level;

/// Bytes of a text.
const LONGEST_TEXT: usize = 200;
/// Fields of one line.
const MOST: usize = 16;

/// What of the caller's fields gets which place.
pub(super) struct Own<'r> {
    entries: &'r [(String, Value)],
    /// Of the service's own fields: place and entry.
    taken: Vec<(usize, usize)>,
}

impl<'r> Own<'r> {
    /// Gives each entry its place, the first of a name, of the right kind and without a secret.
    pub(super) fn of(slots: &[Slot], fields: &'r Value, redactor: &Redactor) -> Self {
        let entries = match fields {
            Value::Map(entries) if !entries.is_empty() => entries,
            _ => return Self { entries: &[], taken: Vec::new() },
        };
        let declared = slots.iter().enumerate().filter_map(|(place, slot)| match slot.value {
            Source::Own(kind) => Some((place, slot.name.as_str(), kind)),
            Source::Record(_) => None,
        });
        let taken = declared.filter_map(|(place, name, kind)| {
            let is_it = |(own, value): &(String, Value)| {
                own == name && fits(kind, value) && !redactor.hides(name, value)
            };
            entries.iter().position(is_it).map(|entry| (place, entry))
        });
        Self { entries, taken: taken.take(MOST).collect() }
    }

    /// The value for the field at `place`.
    pub(super) fn at(&self, place: usize) -> Option<&'r Value> {
        let (_, entry) = self.taken.iter().find(|(taken, _)| *taken == place)?;
        self.entries.get(*entry).map(|(_, value)| value)
    }

    /// What has no place of its own.
    pub(super) fn others(&self) -> impl Iterator<Item = &'r (String, Value)> + Clone {
        let has_place = |at: usize| self.taken.iter().any(|(_, entry)| *entry == at);
        let entries = self.entries.iter().enumerate();
        entries.filter(move |(at, _)| !has_place(*at)).map(|(_, entry)| entry)
    }
}

/// Whether a value is of a field's kind and short enough for a field of its own. Objects stay
/// under `fields`: Loki flattens them there all the same.
fn fits(kind: FieldKind, value: &Value) -> bool {
    match (kind, value) {
        (FieldKind::Text, Value::Text(text)) => text.len() <= LONGEST_TEXT,
        (FieldKind::Timestamp, Value::Text(text)) => text.parse::<Timestamp>().is_ok(),
        (FieldKind::Level, Value::Text(text)) => text.parse::<Level>().is_ok(),
        (FieldKind::Number, Value::Number(number)) => number.is_finite(),
        (FieldKind::Flag, Value::Flag(_))
        | (FieldKind::Integer | FieldKind::Number, Value::Integer(_)) => true,
        _ => false,
    }
}

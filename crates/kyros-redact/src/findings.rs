//! How much of what was found.

use crate::class::Class;

/// Counts of what was redacted, by class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings([u64; Class::ALL.len()]);

impl Findings {
    /// Adds the counts of others.
    pub fn merge(&mut self, others: &Self) {
        self.0.iter_mut().zip(others.0).for_each(|(count, more)| *count += more);
    }

    /// The classes something was found of, with how often.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = Class::ALL.iter().map(|class| class.as_str()).zip(self.0);
        counts.filter(|(_, count)| *count > 0)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|count| *count == 0)
    }

    /// Whether something was found, and nothing but e-mail addresses.
    pub fn are_addresses(&self) -> bool {
        self.0.iter().enumerate().all(|(at, count)| (*count > 0) == (at == Class::Email as usize))
    }

    pub(crate) fn add(&mut self, class: Class) {
        if let Some(count) = self.0.get_mut(class as usize) {
            *count += 1;
        }
    }
}

//! The name around a trigger.

use super::{byte_before, run, run_back};
use crate::scan::Found;

/// How far a name reaches to either side of the word that gave it away.
const REACH: usize = 64;

/// A name in a text.
pub(super) struct Name {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The quote right before it, zero for none.
    pub(super) quote: u8,
    /// It is an option of a command line.
    pub(super) option: bool,
}

impl Name {
    pub(super) fn around(found: &Found<'_>, start: usize, end: usize) -> Self {
        let bytes = found.bytes();
        let floor = start.saturating_sub(REACH).max(found.covered);
        let start = run_back(bytes, start, floor, is_name);
        let near = bytes.get(..bytes.len().min(end + REACH)).unwrap_or_default();
        let option = bytes.get(start..).is_some_and(|rest| rest.starts_with(b"--"));
        Self { start, end: run(near, end, is_name), quote: byte_before(bytes, start), option }
    }
}

/// Characters of names of fields, headers, settings and parameters.
pub(super) fn is_name(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b"_-.".contains(&c)
}

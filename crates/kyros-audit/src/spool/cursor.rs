//! How far a home's events are confirmed by the database.

use std::fs;
use std::io;
use std::path::Path;

const FILE: &str = "cursor";
const NEW_FILE: &str = "cursor.new";

/// A place between two frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cursor {
    /// The segment's number.
    pub(crate) segment: u64,
    /// Bytes from its start.
    pub(crate) offset: u64,
}

impl Cursor {
    /// The confirmed place; the start where none is readable, since a resend does no harm.
    pub(super) fn load(home: &Path) -> Self {
        let text = fs::read_to_string(home.join(FILE)).unwrap_or_default();
        Self::parse(&text).unwrap_or_default()
    }

    pub(super) fn store(self, home: &Path) -> io::Result<()> {
        let new = home.join(NEW_FILE);
        fs::write(&new, format!("{} {}\n", self.segment, self.offset))?;
        fs::rename(new, home.join(FILE))
    }

    fn parse(text: &str) -> Option<Self> {
        let (segment, offset) = text.strip_suffix('\n')?.split_once(' ')?;
        Some(Self { segment: segment.parse().ok()?, offset: offset.parse().ok()? })
    }
}

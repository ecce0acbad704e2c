//! How a directory differs from what is rendered.

use std::fmt;

/// What a run of [`generate`](crate::generate()) found, and with [`Mode::Write`](crate::Mode) mended.
#[derive(Clone, Debug)]
pub struct Report {
    /// The number of generated files.
    pub files: usize,
    /// Every file that was not as rendered, in the order of rendering.
    pub changes: Vec<Change>,
    /// Whether the directory is a checkout of this repository.
    pub checkout: bool,
}

/// A file that was not as rendered, by its path below the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not there.
    Missing(String),
    /// It held something else.
    Differs(String),
    /// It was generated once, and is not any more.
    Superfluous(String),
}

impl Change {
    /// The file's path below the directory.
    pub fn path(&self) -> &str {
        match self {
            Self::Missing(path) | Self::Differs(path) | Self::Superfluous(path) => path,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Missing(_) => "missing",
            Self::Differs(_) => "differs",
            Self::Superfluous(_) => "superfluous",
        };
        write!(f, "{what}: {}", self.path())
    }
}

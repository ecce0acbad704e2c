//! A generated file.

/// A generated file: where it goes, and all it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The path below the directory that is generated into, with `/` between its parts.
    pub path: String,
    /// The whole text, ending in a newline.
    pub contents: String,
}

impl Output {
    pub(crate) fn new(path: impl Into<String>, contents: String) -> Self {
        Self { path: path.into(), contents }
    }
}

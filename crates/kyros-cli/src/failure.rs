//! Why a command fails, and the exit code that says so.

use std::fmt;

/// Why a command fails.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something went wrong, or generated files differ.
    Failed(String),
    /// The arguments, the environment or the service's schema are wrong.
    Input(String),
}

impl Failure {
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Input(_) => 2,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(text) | Self::Input(text) => f.write_str(text),
        }
    }
}

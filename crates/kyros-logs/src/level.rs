//! How much a line matters.

use std::str::FromStr;

use crate::error::Error;

/// The schema's levels, least first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Of use to whoever looks for a fault.
    Debug,
    /// What has happened.
    #[default]
    Info,
    /// Something to look at.
    Warn,
    /// Something has failed.
    Error,
    /// The service can't go on as it is.
    Critical,
}

const LEVELS: [Level; 5] = [Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Critical];

impl Level {
    /// The level's word in a line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

impl FromStr for Level {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        let level = LEVELS.into_iter().find(|level| level.as_str() == word);
        level.ok_or_else(|| Error::UnknownLevel(word.to_owned()))
    }
}

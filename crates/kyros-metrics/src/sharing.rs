//! With whom a process shares its series.

use std::path::PathBuf;

/// With whom a process shares its series. Those who are not named never do, whatever they have in
/// common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// The children it forks.
    #[default]
    Forks,
    /// Those and the other children of that process, its supervisor.
    Supervisor(u32),
    /// Those and whoever names the same file.
    File(PathBuf),
}

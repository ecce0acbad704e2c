//! What keeps spans from being exported at all.

/// Errors that a caller has to know; all else is counted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Variables of the environment say what can't be done: every problem at once. No text holds a
    /// header's value or a password.
    #[error("{}", .0.join("\n"))]
    Settings(Vec<String>),
}

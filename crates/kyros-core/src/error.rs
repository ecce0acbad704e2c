//! What can go wrong where a caller has to know it.

/// Errors that reach a caller; all else is counted and logged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Settings or the overlay file: every problem at once.
    #[error("{}", .0.join("\n"))]
    Settings(Vec<String>),
    /// A metric of the application breaks a rule.
    #[error(transparent)]
    Metric(#[from] kyros_metrics::Error),
    /// A metric's kind or bucket is no such thing.
    #[error("metric `{metric}`: {problem}")]
    Declaration {
        /// The metric's name.
        metric: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The file through which workers are to share their metrics can't be used.
    #[error(
        "setting `arena`: {problem}: {path}\n  hint: name a file of this user alone, in memory \
             if there is such a place, or leave the setting out"
    )]
    Arena {
        /// The setting's value.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The audit trail can't take an event.
    #[error(transparent)]
    Audit(#[from] kyros_audit::Error),
}

//! What can go wrong when a metric is declared; using one never fails.

use kyros_schema::Problems;

/// Why a metric could not be registered or initialised.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The metric breaks a rule of the schema.
    #[error("metric refused: {0}")]
    Refused(Problems),
    /// A metric of that name is registered with another kind, other labels or other buckets.
    #[error(
        "metric `{name}` is already registered as {known}, now declared as {declared}, \
         hint: declare it alike everywhere, or give one another name"
    )]
    Differs {
        /// The metric's name.
        name: String,
        /// Kind, labels and buckets it has.
        known: String,
        /// Kind, labels and buckets it was now given.
        declared: String,
    },
    /// Two metrics would expose a sample of the same name.
    #[error("metric `{name}` exposes `{sample}`, as does `{other}`, hint: give it another name")]
    SampleTaken {
        /// The metric's name.
        name: String,
        /// The name both would expose.
        sample: String,
        /// The metric that has the name.
        other: String,
    },
    /// A tenant's id is not what its series are labelled with.
    #[error(
        "tenant to forget: redaction takes its id for something else, so that series of several \
         tenants have one label, hint: let such series expire"
    )]
    Rewritten,
    /// Another process has the turn to change the shared series, and doesn't give it back.
    #[error("series not changed: another process keeps them locked, hint: try again later")]
    Busy,
    /// A label's values are not known beforehand, so its series can't be initialised.
    #[error(
        "metric `{metric}`: no known values for label `{label}`, \
         hint: give them, or close its set in the schema"
    )]
    NoKnownValues {
        /// The metric's name.
        metric: String,
        /// The label's name.
        label: String,
    },
}

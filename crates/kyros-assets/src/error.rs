//! What keeps the generated files from being rendered or written.

use std::io;
use std::path::PathBuf;

use kyros_schema::Problems;

/// Why nothing was generated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A Jsonnet source doesn't evaluate, for instance because it names what the schema lacks.
    #[error("{place}: {message}{}", trail(.callers))]
    Jsonnet {
        /// The source and the line, `dashboards/saas-overview.jsonnet:12`.
        place: String,
        /// What is wrong there.
        message: String,
        /// The places that led there, innermost first.
        callers: Vec<String>,
    },
    /// Alerts could never fire; each problem has its place and its remedy.
    #[error(transparent)]
    DeadAlerts(#[from] Problems),
    /// A value has no form in YAML.
    #[error("no YAML can be made of {source_name}: {reason}")]
    Yaml {
        /// What the value comes from.
        source_name: String,
        /// Why it can't be written.
        reason: String,
    },
    /// A file or directory can't be read, written or removed.
    #[error("can't {action} {}: {source}\n  hint: check that the directory is yours to write", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn trail(callers: &[String]) -> String {
    callers.iter().fold(String::new(), |trail, place| trail + "\n  from " + place)
}

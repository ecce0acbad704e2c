//! The schema with the service's own file laid over it.

use std::fs;
use std::path::{Path, PathBuf};

use kyros_schema::Schema;
use kyros_schema::names::setting;

use crate::environment;
use crate::failure::Failure;

/// The overlay's name where nothing else is said.
const USUAL: &str = "kyros-obs.toml";

/// Reads the schema; every problem of the overlay is said at once.
pub(crate) fn schema(config: Option<&Path>) -> Result<Schema, Failure> {
    let Some(file) = overlay(config) else { return Ok(Schema::embedded().clone()) };
    let text = fs::read_to_string(&file).map_err(|error| missing(&file, &error))?;
    Schema::with_overlay(&file.display().to_string(), &text)
        .map_err(|problems| Failure::Input(problems.to_string()))
}

fn overlay(config: Option<&Path>) -> Option<PathBuf> {
    let named = config.map(Path::to_owned).or_else(|| environment::path(setting::CONFIG));
    named.or_else(|| Path::new(USUAL).exists().then(|| PathBuf::from(USUAL)))
}

fn missing(file: &Path, error: &std::io::Error) -> Failure {
    Failure::Input(format!(
        "can't read the schema's overlay {}: {error}\n  hint: see `--config` and `{}`",
        file.display(),
        environment::variable(setting::CONFIG),
    ))
}

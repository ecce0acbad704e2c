//! The schema with the service's own file laid over it.

use std::fs;
use std::path::{Path, PathBuf};

use kyros_schema::names::setting;
use kyros_schema::{Problems, Schema};

use crate::environment;
use crate::failure::Failure;

/// The overlay's name where nothing else is said.
const USUAL: &str = "kyros-obs.toml";

/// Reads the schema; every problem of the overlay is said at once.
pub(crate) fn schema(config: Option<&Path>) -> Result<Schema, Failure> {
    match read(config)? {
        None => Ok(Schema::embedded().clone()),
        Some((file, text)) => Schema::with_overlay(&file, &text).map_err(|all| refused(&all)),
    }
}

/// The same for one who generates: an alert that could never fire is a problem too.
pub(crate) fn alive(config: Option<&Path>) -> Result<Schema, Failure> {
    let Some((file, text)) = read(config)? else { return Ok(Schema::embedded().clone()) };
    let (schema, mut problems) = Schema::examine(&file, &text).map_err(|all| refused(&all))?;
    problems.0.extend(kyros_assets::dead_alerts(&schema, &problems));
    problems.into_result(schema).map_err(|all| refused(&all))
}

fn refused(problems: &Problems) -> Failure {
    Failure::Input(problems.to_string())
}

/// The overlay's name and text, where there is one.
fn read(config: Option<&Path>) -> Result<Option<(String, String)>, Failure> {
    let Some(file) = overlay(config) else { return Ok(None) };
    let text = fs::read_to_string(&file).map_err(|error| missing(&file, &error))?;
    Ok(Some((file.display().to_string(), text)))
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

//! Settings read from the environment, under the names the schema gives them.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use kyros_schema::Schema;

use crate::failure::Failure;

/// The environment variable of a setting.
pub(crate) fn variable(setting: &str) -> &'static str {
    Schema::embedded().settings.get(setting).map_or("", |row| row.env.as_str())
}

/// The path that a setting names; an empty variable is an unset one.
pub(crate) fn path(setting: &str) -> Option<PathBuf> {
    read(variable(setting)).map(PathBuf::from)
}

/// A secret, from its variable or from the file that the variable's `_FILE` twin names.
pub(crate) fn secret(setting: &str) -> Result<Option<String>, Failure> {
    let name = variable(setting);
    if let Some(value) = read(name) {
        return value.into_string().map(Some).map_err(|_| unreadable(name, "it is no text"));
    }
    read(&format!("{name}_FILE")).map(|file| secret_file(Path::new(&file))).transpose()
}

/// A secret from a file, without the newline that editors put at its end.
pub(crate) fn secret_file(file: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(file)
        .map_err(|error| unreadable(&file.display().to_string(), &error.to_string()))?;
    Ok(text.trim().to_owned())
}

fn read(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn unreadable(what: &str, reason: &str) -> Failure {
    Failure::Input(format!("can't read {what}: {reason}"))
}

//! Writing what is rendered, or comparing it with what is there.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use kyros_schema::Schema;

use crate::report::{Change, Report};
use crate::{Error, Output, render, runbooks, yaml};

/// What to do about a directory that differs from what is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Make it equal.
    Write,
    /// Say how it differs.
    Check,
}

/// Folders that hold nothing but generated files, and what others put beside them.
const FOLDERS: [&str; 5] =
    ["dashboards/out", "alerts/out", "deploy", "docs/reference", "docs/runbooks"];

/// Where a deployment puts files of its own, copies of ours among them: nothing is removed there.
const SHARED: &str = "deploy/prometheus/targets";

/// A directory that has this file is a checkout of this repository: the two files of code go there,
/// and the runbooks are sources.
const CHECKOUT: &str = "crates/kyros-schema/schema.toml";

/// Writes everything generated to a directory, or compares it with what the directory holds.
///
/// Nothing is written where anything can't be rendered. A file is replaced at once or not at all,
/// and one that is right is left alone. A file that isn't generated any more is removed, if it says
/// of itself that it was generated.
pub fn generate(directory: &Path, schema: &Schema, mode: Mode) -> Result<Report, Error> {
    let checkout = directory.join(CHECKOUT).is_file();
    let others = if checkout { render::code()? } else { runbooks::render() };
    let outputs = [others, render::assets(schema)?].concat();
    let changes = [differing(directory, &outputs)?, superfluous(directory, &outputs)?].concat();
    if mode == Mode::Write {
        changes.iter().try_for_each(|change| make(directory, &outputs, change))?;
    }
    Ok(Report { files: outputs.len(), changes, checkout })
}

/// The outputs that are not in the directory as they were rendered.
fn differing(directory: &Path, outputs: &[Output]) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for output in outputs {
        let path = directory.join(&output.path);
        match fs::read(&path) {
            Ok(bytes) if bytes == output.contents.as_bytes() => {}
            Ok(_) => changes.push(Change::Differs(output.path.clone())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                changes.push(Change::Missing(output.path.clone()));
            }
            Err(error) => return Err(fault("read", &path)(error)),
        }
    }
    Ok(changes)
}

/// Files that were generated once, and are no output now.
fn superfluous(directory: &Path, outputs: &[Output]) -> Result<Vec<Change>, Error> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        walk(directory, folder, &mut files)?;
    }
    files.retain(|path| outputs.iter().all(|output| output.path != *path));
    files.retain(|path| was_generated(&directory.join(path)));
    files.sort();
    Ok(files.into_iter().map(Change::Superfluous).collect())
}

/// Adds the files below a folder, by their paths below the directory.
fn walk(directory: &Path, folder: &str, files: &mut Vec<String>) -> Result<(), Error> {
    let path = directory.join(folder);
    let entries = match fs::read_dir(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(fault("read", &path))?,
    };
    for entry in entries {
        let entry = entry.map_err(fault("read", &path))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type().map_err(fault("read", &path))?;
        let below = format!("{folder}/{name}");
        if kind.is_dir() && below != SHARED {
            walk(directory, &below, files)?;
        } else if kind.is_file() {
            files.push(below);
        }
    }
    Ok(())
}

fn was_generated(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.contains(yaml::MARK))
}

/// Brings one path of the directory to what was rendered.
fn make(directory: &Path, outputs: &[Output], change: &Change) -> Result<(), Error> {
    let path = directory.join(change.path());
    match outputs.iter().find(|output| output.path == change.path()) {
        Some(output) => write(&path, &output.contents),
        None => fs::remove_file(&path).map_err(fault("remove", &path)),
    }
}

/// Puts a whole file in the place of what is there.
fn write(path: &Path, contents: &str) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(fault("make", folder))?;
    let fresh = beside(path);
    let written = fs::write(&fresh, contents).and_then(|()| fs::rename(&fresh, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&fresh);
        fault("write", path)(error)
    })
}

/// A name in the same folder that no other process writes to.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}", std::process::id()))
}

fn fault(action: &'static str, path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { action, path: path.clone(), source }
}

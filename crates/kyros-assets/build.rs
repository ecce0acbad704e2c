//! Embeds what is written by hand: a table of the Jsonnet sources, and one of the runbooks.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const JSONNET: [&str; 3] = ["dashboards", "dashboards/lib", "alerts"];
const RUNBOOKS: [&str; 1] = ["docs/runbooks"];

fn main() -> Result<(), Box<dyn Error>> {
    write_table("sources.rs", &JSONNET, &["jsonnet", "libsonnet"])?;
    write_table("runbooks.rs", &RUNBOOKS, &["md"])
}

/// Writes a table of path and text, one line for each file of some folders.
fn write_table(name: &str, folders: &[&str], suffixes: &[&str]) -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../..").canonicalize()?;
    let mut table = "[\n".to_owned();
    for folder in folders {
        println!("cargo::rerun-if-changed={}", root.join(folder).display());
        for file in files(&root.join(folder), suffixes)? {
            let name = file.strip_prefix(&root)?.to_str().ok_or("a path that is no text")?;
            let file = file.to_str().ok_or("a path that is no text")?;
            writeln!(table, "    ({name:?}, include_str!({file:?})),")?;
        }
    }
    table.push_str("]\n");
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join(name), table)?)
}

/// The files of a folder with one of some suffixes, in the order of their names.
fn files(folder: &Path, suffixes: &[&str]) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|suffix| suffixes.iter().any(|known| suffix == *known)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

//! Embeds the Jsonnet sources: a table of every file under `dashboards/` and `alerts/`.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const FOLDERS: [&str; 3] = ["dashboards", "dashboards/lib", "alerts"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../..").canonicalize()?;
    let mut table = "[\n".to_owned();
    for folder in FOLDERS {
        println!("cargo::rerun-if-changed={}", root.join(folder).display());
        for file in sources(&root.join(folder))? {
            let name = file.strip_prefix(&root)?.to_str().ok_or("a path that is no text")?;
            let file = file.to_str().ok_or("a path that is no text")?;
            writeln!(table, "    ({name:?}, include_str!({file:?})),")?;
        }
    }
    table.push_str("]\n");
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join("sources.rs"), table)?)
}

/// The Jsonnet files of a folder, in the order of their names.
fn sources(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|suffix| suffix == "jsonnet" || suffix == "libsonnet") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

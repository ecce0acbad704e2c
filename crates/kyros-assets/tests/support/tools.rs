//! Generated files in a directory of their own, and the vendors' tools that read them.

#![allow(dead_code, reason = "a test file uses the part it needs")]

use std::path::{Path, PathBuf};
use std::process::Command;

use kyros_assets::Output;
use kyros_schema::Schema;

/// What a tool said, and whether it was content.
pub(crate) struct Verdict {
    /// Whether its exit code was 0.
    pub(crate) content: bool,
    /// What it wrote to standard output and standard error.
    pub(crate) said: String,
}

/// The schema with an overlay.
pub(crate) fn schema(overlay: &str) -> Schema {
    Schema::with_overlay("kyros-obs.toml", overlay).unwrap()
}

/// Everything generated from the schema with an overlay, written to a fresh directory of that name.
pub(crate) fn generated(name: &str, overlay: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&root);
    for output in outputs(overlay) {
        let path = root.join(&output.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &output.contents).unwrap();
    }
    root
}

/// Everything generated from the schema with an overlay.
pub(crate) fn outputs(overlay: &str) -> Vec<Output> {
    kyros_assets::render(&schema(overlay)).unwrap()
}

/// Runs a tool in a directory; a tool that isn't installed is a failure that says how to get it.
pub(crate) fn run(tool: &str, arguments: &[&str], directory: &Path) -> Verdict {
    let output = Command::new(tool).args(arguments).current_dir(directory).output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "can't run `{tool}`: {error}\n  \
             hint: apt-get install prometheus prometheus-alertmanager"
        )
    });
    let said = [output.stdout, output.stderr].concat();
    Verdict { content: output.status.success(), said: String::from_utf8_lossy(&said).into_owned() }
}

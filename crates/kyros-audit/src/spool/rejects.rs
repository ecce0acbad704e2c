//! Events that the database refuses for what they are.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::FILE_MODE;

const FILE: &str = "rejects.jsonl";

/// The file of a spool where refused events stay, one a line, with when and why.
pub(crate) struct Rejects(PathBuf);

impl Rejects {
    pub(crate) fn of(spool: &Path) -> Self {
        Self(spool.join(FILE))
    }

    /// Returns when the event is on the disk.
    pub(crate) fn keep(&self, row: &str, sqlstate: &str) -> io::Result<()> {
        let mut file =
            OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(&self.0)?;
        file.lock()?;
        let line = format!(
            "{{\"rejected_at\":\"{}\",\"sqlstate\":\"{sqlstate}\",\"event\":{row}}}\n",
            Timestamp::now()
        );
        let before = file.metadata()?.len();
        if let Err(error) = file.write_all(line.as_bytes()).and_then(|()| file.sync_data()) {
            let _ = file.set_len(before);
            return Err(error);
        }
        Ok(())
    }
}

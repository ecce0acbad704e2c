//! Directories of the tests' own.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A fresh directory.
pub(crate) fn temporary(name: &str) -> PathBuf {
    let count = COUNT.fetch_add(1, Relaxed);
    let path =
        std::env::temp_dir().join(format!("kyros-audit-{name}-{}-{count}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

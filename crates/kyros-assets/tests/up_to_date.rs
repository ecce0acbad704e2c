//! The generated files of this repository are what the schema says.

use std::path::Path;

use kyros_assets::{Mode, generate};
use kyros_schema::Schema;

#[test]
fn committed_files_are_the_rendered_ones() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let report = generate(&repository, Schema::embedded(), Mode::Check).unwrap();
    let changes: Vec<_> = report.changes.iter().map(ToString::to_string).collect();
    assert!(changes.is_empty(), "{}\n  hint: make generate", changes.join("\n"));
    assert!(report.checkout && report.files > 30, "{report:?}");
}

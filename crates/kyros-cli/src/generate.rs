//! `kyros-obs generate`.

use std::path::Path;

use kyros_assets::{Change, Mode, Report};

use crate::arguments::Generate;
use crate::failure::Failure;
use crate::{overlay, print};

/// Writes everything that is generated, or says what would be written.
pub(crate) fn run(asked: &Generate, config: Option<&Path>) -> Result<(), Failure> {
    let schema = overlay::alive(config)?;
    let mode = if asked.check { Mode::Check } else { Mode::Write };
    let report =
        kyros_assets::generate(&asked.out, &schema, mode).map_err(|error| failed(&error))?;
    if asked.check && !report.changes.is_empty() {
        return Err(Failure::Failed(drift(&report, &asked.out, config)));
    }
    print::say(&written(&report));
    Ok(())
}

fn failed(error: &kyros_assets::Error) -> Failure {
    Failure::Failed(error.to_string())
}

fn written(report: &Report) -> String {
    let changes = report.changes.iter().map(|change| match change {
        Change::Superfluous(path) => format!("removed {path}"),
        Change::Missing(path) | Change::Differs(path) => format!("wrote {path}"),
    });
    let sum = format!("{} generated files, {} changed", report.files, report.changes.len());
    changes.chain([sum]).collect::<Vec<_>>().join("\n")
}

fn drift(report: &Report, out: &Path, config: Option<&Path>) -> String {
    let files: Vec<_> = report.changes.iter().map(ToString::to_string).collect();
    format!("{}\n  hint: {}", files.join("\n"), remedy(report, out, config))
}

/// The command that mends a drift.
fn remedy(report: &Report, out: &Path, config: Option<&Path>) -> String {
    if report.checkout && config.is_none() {
        return "`make generate`".to_owned();
    }
    let config = config.map(|file| format!(" --config {}", file.display())).unwrap_or_default();
    format!("`kyros-obs generate --out {}{config}`", out.display())
}

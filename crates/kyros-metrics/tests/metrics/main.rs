//! What the crate promises, through its public surface.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::float_cmp, reason = "totals are promised to be exact")]
#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

mod corruption;
mod exemplars;
mod expiry;
mod exposition;
mod fairness;
mod governor;
mod hostile;
mod memory;
mod negotiation;
mod oracle;
mod parser;
mod part;
mod processes;
mod registry;
mod scrub;
mod totals;

use kyros_metrics::{Format, Limits, Options, Registry};
use kyros_schema::Schema;

/// A registry for the embedded schema and the rows of an overlay.
fn registry(overlay: &str) -> Registry {
    Registry::new(&schema(overlay))
}

/// The same with a series budget.
fn registry_of(series_per_metric: usize, overlay: &str) -> Registry {
    let limits = Limits { series_per_metric, ..Limits::default() };
    Registry::open(&schema(overlay), &Options { limits, ..Options::default() })
}

fn schema(overlay: &str) -> Schema {
    Schema::with_overlay("kyros-obs.toml", overlay).unwrap()
}

/// The exposition without the families that every process has.
fn render(registry: &Registry, format: Format) -> String {
    let every = |line: &&str| {
        let name = line.trim_start_matches("# HELP ").trim_start_matches("# TYPE ");
        let name = name.trim_start_matches("# UNIT ");
        !name.starts_with("kyros_") && !name.starts_with("process_")
    };
    registry.render(format).lines().filter(every).flat_map(|line| [line, "\n"]).collect()
}

/// The value of the one sample that starts so.
fn value(text: &str, sample: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with(sample));
    let line = line.unwrap_or_else(|| panic!("no sample starts with `{sample}` in:\n{text}"));
    line[sample.len()..].trim().parse().unwrap()
}

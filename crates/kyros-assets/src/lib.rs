//! Everything generated from the schema: dashboards, alerts, migrations, deployment, reference.
//!
//! What is written derives from a [`Schema`](kyros_schema::Schema) and from sources embedded in this
//! crate, so an installed wheel writes the same files as a checkout. [`render()`] has no effects;
//! [`generate()`] writes its outputs to a directory, or says how the directory differs from them.
//!
//! ```
//! use kyros_schema::Schema;
//!
//! let overlay = "[alert.HttpErrorRatioHigh]\nthreshold = 0.05";
//! let schema = Schema::with_overlay("kyros-obs.toml", overlay).unwrap();
//! let outputs = kyros_assets::render(&schema).unwrap();
//! let alerts = outputs.iter().find(|output| output.path == "alerts/out/alerts.yaml").unwrap();
//! assert!(alerts.contents.contains("> 0.05\n"));
//! ```

mod alerts;
mod dashboards;
mod deploy;
mod error;
mod generate;
mod jsonnet;
mod migrations;
mod names;
mod output;
mod reference;
mod render;
mod report;
mod runbooks;
mod vocabulary;
mod yaml;

pub use alerts::dead_alerts;
pub use error::Error;
pub use generate::{Mode, generate};
pub use jsonnet::evaluate_source;
pub use output::Output;
pub use render::render;
pub use report::{Change, Report};

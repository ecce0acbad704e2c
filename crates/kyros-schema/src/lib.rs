//! The vocabulary: every metric, label, log field, audit column, action, objective and threshold.
//!
//! `schema.toml` is embedded and is the only place where a name of ours is written. A service's own
//! `kyros-obs.toml` is laid over it: it may tune the numbers of a row and add rows of its own.
//! This crate does no I/O, has no clock and starts nothing; it reads TOML and checks it.
//!
//! ```
//! use kyros_schema::{Schema, names};
//!
//! let schema = Schema::embedded();
//! let requests = &schema.metrics[names::metric::HTTP_REQUESTS_TOTAL];
//! assert_eq!(requests.labels, ["service", "endpoint", "method", "code", "tenant_id"]);
//!
//! let text = "[alert.HttpErrorRatioHigh]\nthreshold = 0.05\n[metric.reports]\nkind = 'counter'";
//! let problems = Schema::with_overlay("kyros-obs.toml", text).unwrap_err();
//! assert!(problems.to_string().contains("kyros-obs.toml:3: metric `reports`"));
//! ```

mod alert;
mod audit;
mod decimal;
mod deploy;
mod document;
mod duration;
mod event;
mod exporter;
mod field;
mod fingerprint;
mod label;
mod metric;
pub mod names;
mod objective;
mod policy;
mod probe;
mod problem;
mod recording;
mod row;
mod schema;
mod setting;

pub use alert::{Alert, Severity};
pub use audit::{Action, ActionClass, Column};
pub use decimal::Decimal;
pub use deploy::{Deploy, Retention, Shipping};
pub use duration::Duration;
pub use event::{Event, EventLevel};
pub use exporter::ExporterMetric;
pub use field::{Field, FieldKind, Sensitivity};
pub use label::Label;
pub use metric::{Across, Metric, MetricKind, Unit};
pub use objective::{Objective, ObjectiveKind};
pub use probe::Probe;
pub use problem::{Place, Problem, Problems};
pub use recording::Recording;
pub use row::nearest;
pub use schema::{SCHEMA_FILE, SCHEMA_TOML, Schema};
pub use setting::{Setting, SettingKind};

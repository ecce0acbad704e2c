//! Series of other exporters that dashboards and alerts may name.

use crate::metric::MetricKind;
use crate::row::Row;

/// A metric that is not ours.
#[derive(Clone, Debug)]
pub struct ExporterMetric {
    /// The metric's name.
    pub name: String,
    /// The exporter it comes from.
    pub from: String,
    /// What kind of metric it is.
    pub kind: MetricKind,
    /// The labels that may be named.
    pub labels: Vec<String>,
    /// What it says.
    pub help: String,
}

impl ExporterMetric {
    pub(crate) fn read(row: &mut Row<'_>) -> Self {
        Self {
            name: row.name.to_owned(),
            from: row.text("from"),
            kind: row.choice("kind", &crate::metric::KINDS).unwrap_or(MetricKind::Gauge),
            labels: row.texts("labels"),
            help: row.text("help"),
        }
    }
}

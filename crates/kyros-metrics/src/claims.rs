//! Which sample names a metric exposes, so that no two metrics expose the same.

use kyros_schema::{Metric, MetricKind};

use crate::error::Error;

/// The family's name in `OpenMetrics`: a counter's without `_total`.
pub(crate) fn family_name(metric: &Metric) -> &str {
    match metric.kind {
        MetricKind::Counter => metric.name.strip_suffix("_total").unwrap_or(&metric.name),
        _ => &metric.name,
    }
}

/// Refuses a metric that exposes a sample of one that is there.
pub(crate) fn check<'m>(
    metric: &Metric,
    known: impl IntoIterator<Item = &'m Metric>,
) -> Result<(), Error> {
    let ours = exposed(metric);
    for other in known {
        if let Some(sample) = exposed(other).into_iter().find(|name| ours.contains(name)) {
            let (name, other) = (metric.name.clone(), other.name.clone());
            return Err(Error::SampleTaken { name, sample, other });
        }
    }
    Ok(())
}

fn exposed(metric: &Metric) -> Vec<String> {
    let stem = family_name(metric);
    let suffixes: &[&str] = match metric.kind {
        MetricKind::Counter => &["", "_total", "_created"],
        MetricKind::Gauge => &[""],
        MetricKind::Histogram => &["", "_bucket", "_sum", "_count", "_created"],
        MetricKind::Summary => &["", "_sum", "_count", "_created"],
    };
    suffixes.iter().map(|suffix| format!("{stem}{suffix}")).collect()
}

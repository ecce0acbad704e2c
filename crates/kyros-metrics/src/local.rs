//! Process-local families, and any others for the oracle, as a `Collector` of prometheus-client.

use std::fmt;
use std::sync::Arc;

use kyros_schema::{Metric, MetricKind, Unit as SchemaUnit};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, MetricEncoder, NoLabelSet, prometheus_text, text,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::{Registry, Unit};

use crate::claims::family_name;
use crate::exposition::Format;
use crate::family::Family;
use crate::series::Stored;

/// The group of the SDK's own metrics.
pub(crate) const SELF: &str = "self";
/// The group of the process' own numbers.
pub(crate) const PROCESS: &str = "process";

/// Whether a family speaks of this process alone and so goes through prometheus-client, which has
/// no summaries.
pub(crate) fn is_local(family: &Family) -> bool {
    let metric = family.metric();
    [SELF, PROCESS].contains(&metric.group.as_str()) && metric.kind != MetricKind::Summary
}

/// Appends the families as prometheus-client writes them, without `# EOF`.
pub(crate) fn render(families: Families, format: Format, out: &mut String) -> fmt::Result {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(families));
    match format {
        Format::OpenMetrics => text::encode_registry(out, &registry),
        Format::Classic => prometheus_text::encode(out, &registry),
    }
}

/// Families as a `Collector` of prometheus-client, for those who keep a registry of that crate.
/// Exemplars and summaries are left out: it can't carry them.
#[derive(Debug)]
pub struct Families(pub Vec<Family>);

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for family in &self.0 {
            encode_family(family, &mut encoder)?;
        }
        Ok(())
    }
}

fn encode_family(family: &Family, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let metric = family.metric();
    let series = family.sorted();
    let Some(kind) = metric_type(metric.kind).filter(|_| !series.is_empty()) else { return Ok(()) };
    let unit = unit(metric.unit);
    let (name, help) = (stem(metric), plain(&metric.help));
    let mut encoder = encoder.encode_descriptor(name, &help, unit.as_ref(), kind)?;
    series.iter().try_for_each(|stored| encode_series(family, stored, &mut encoder))
}

fn encode_series(
    family: &Family,
    stored: &Arc<Stored>,
    encoder: &mut MetricEncoder<'_>,
) -> fmt::Result {
    let labels = family.labels().iter().map(String::as_str);
    let labels: Vec<_> = labels.zip(stored.values.iter().map(AsRef::as_ref)).collect();
    encode_value(family, stored, &mut encoder.encode_family(&labels)?)
}

fn encode_value(family: &Family, stored: &Stored, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
    const NO_EXEMPLAR: Option<&Exemplar<NoLabelSet, f64>> = None;
    let scale = family.shape().scale;
    match family.kind() {
        MetricKind::Counter => match scale.whole(stored.counter()) {
            Some(whole) => encoder.encode_counter(&whole, NO_EXEMPLAR),
            None => encoder.encode_counter(&scale.float(stored.counter()), NO_EXEMPLAR),
        },
        MetricKind::Gauge => encoder.encode_gauge(&stored.gauge()),
        MetricKind::Histogram => encode_histogram(family, stored, encoder),
        MetricKind::Summary => Ok(()),
    }
}

fn encode_histogram(
    family: &Family,
    stored: &Stored,
    encoder: &mut MetricEncoder<'_>,
) -> fmt::Result {
    let bounds = family.shape().bounds.iter().copied().chain([f64::INFINITY]);
    let buckets: Vec<_> = bounds.zip(stored.buckets()).collect();
    let count = buckets.iter().map(|(_, count)| count).sum();
    let sum = family.shape().scale.float(stored.sum());
    encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
}

fn metric_type(kind: MetricKind) -> Option<MetricType> {
    match kind {
        MetricKind::Counter => Some(MetricType::Counter),
        MetricKind::Gauge => Some(MetricType::Gauge),
        MetricKind::Histogram => Some(MetricType::Histogram),
        MetricKind::Summary => None,
    }
}

fn unit(unit: SchemaUnit) -> Option<Unit> {
    (unit != SchemaUnit::None).then(|| Unit::Other(unit.as_str().to_owned()))
}

/// The name without what prometheus-client appends: unit and `_total`.
fn stem(metric: &Metric) -> &str {
    let name = family_name(metric);
    let stem = name.strip_suffix(metric.unit.as_str()).and_then(|stem| stem.strip_suffix('_'));
    if metric.unit == SchemaUnit::None { name } else { stem.unwrap_or(name) }
}

/// The help without what prometheus-client would have to escape and doesn't.
fn plain(help: &str) -> String {
    help.replace(['\\', '\n', '"'], " ")
}

//! What speaks of workers rather than of their work, and any other families for the oracle, as a
//! `Collector` of prometheus-client.

use std::fmt;
use std::sync::Arc;

use kyros_schema::names::label::WORKER;
use kyros_schema::{Metric, MetricKind, Schema, Unit as SchemaUnit};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, MetricEncoder, NoLabelSet, prometheus_text, text,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::{Registry, Unit};

use crate::arena::Worker;
use crate::claims::family_name;
use crate::exposition::Format;
use crate::family::Family;
use crate::process::readings;
use crate::series::Stored;

const NO_EXEMPLAR: Option<&Exemplar<NoLabelSet, f64>> = None;

/// The group of the SDK's own metrics.
const SELF: &str = "self";
/// The group of the kernel's numbers.
const PROCESS: &str = "process";

/// Whether a family speaks of the SDK itself and so goes through prometheus-client, which has no
/// summaries.
pub(crate) fn is_local(family: &Family) -> bool {
    let metric = family.metric();
    metric.group == SELF && metric.kind != MetricKind::Summary
}

/// Appends the families as prometheus-client writes them, without `# EOF`.
pub(crate) fn render(families: impl Collector, format: Format, out: &mut String) -> fmt::Result {
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
        if let Some(family) = self.0.first() {
            family.shape().arena.look();
        }
        self.0.iter().try_for_each(|family| encode_family(family, &mut encoder))
    }
}

/// A family of the SDK, in a scrape that has looked who is alive.
#[derive(Debug)]
pub(crate) struct Local(pub(crate) Family);

impl Collector for Local {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        encode_family(&self.0, &mut encoder)
    }
}

/// The kernel's numbers of all workers, read for one scrape.
#[derive(Debug)]
pub(crate) struct Processes {
    metrics: Vec<Metric>,
    /// By worker: its number, and what could be read.
    readings: Vec<(String, Vec<(&'static str, f64)>)>,
}

impl Processes {
    pub(crate) fn of(schema: &Schema, workers: &[Worker]) -> Self {
        let ours = schema.metrics.values().filter(|metric| is_process(metric));
        let read = |worker: &Worker| (worker.ordinal.to_string(), readings(worker.pid));
        Self { metrics: ours.cloned().collect(), readings: workers.iter().map(read).collect() }
    }

    /// The numbers of one metric by worker.
    fn values(&self, name: &str) -> Vec<(&str, f64)> {
        let find = |readings: &[(&str, f64)]| {
            readings.iter().find(|(metric, _)| *metric == name).map(|(_, value)| *value)
        };
        let workers = self.readings.iter();
        workers.filter_map(|(worker, readings)| Some((worker.as_str(), find(readings)?))).collect()
    }
}

/// Whether a metric's numbers are the kernel's.
pub(crate) fn is_process(metric: &Metric) -> bool {
    metric.group == PROCESS
}

impl Collector for Processes {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for metric in &self.metrics {
            let values = self.values(&metric.name);
            let Some(kind) = metric_type(metric.kind).filter(|_| !values.is_empty()) else {
                continue;
            };
            let (unit, help) = (unit(metric.unit), plain(&metric.help));
            let mut encoder =
                encoder.encode_descriptor(stem(metric), &help, unit.as_ref(), kind)?;
            for (worker, value) in values {
                let labels = [(WORKER, worker)];
                let mut encoder = encoder.encode_family(&labels)?;
                match metric.kind {
                    MetricKind::Counter => encoder.encode_counter(&value, NO_EXEMPLAR)?,
                    _ => encoder.encode_gauge(&value)?,
                }
            }
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
    let mut count = 0_u64;
    let within = |own: u64| {
        let own = own.min(u64::MAX - count);
        count += own;
        own
    };
    let buckets: Vec<_> = bounds.zip(stored.buckets().map(within)).collect();
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

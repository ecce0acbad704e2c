//! The same metrics held by the crate prometheus-client, as its users hold them.

use kyros_schema::Schema;
use kyros_schema::names::metric::HTTP_REQUEST_DURATION_SECONDS;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DurationLabels {
    service: String,
    endpoint: String,
    method: String,
    tenant_id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    service: String,
    endpoint: String,
    method: String,
    code: String,
    tenant_id: String,
}

pub(crate) struct Peer {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    duration: Family<DurationLabels, Histogram, fn() -> Histogram>,
}

impl Default for Peer {
    fn default() -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        let duration = Family::new_with_constructor(histogram as fn() -> Histogram);
        registry.register("requests", "Requests.", requests.clone());
        registry.register("request_duration_seconds", "Durations.", duration.clone());
        Self { registry, requests, duration }
    }
}

impl Peer {
    pub(crate) fn observe(&self, endpoint: &str, tenant: &str, seconds: f64) {
        let labels = DurationLabels {
            service: "api".to_owned(),
            endpoint: endpoint.to_owned(),
            method: "GET".to_owned(),
            tenant_id: tenant.to_owned(),
        };
        self.duration.get_or_create(&labels).observe(seconds);
    }

    pub(crate) fn update(&self, endpoint: &str, tenant: &str, seconds: f64) {
        let labels = RequestLabels {
            service: "api".to_owned(),
            endpoint: endpoint.to_owned(),
            method: "GET".to_owned(),
            code: "200".to_owned(),
            tenant_id: tenant.to_owned(),
        };
        self.requests.get_or_create(&labels).inc();
        self.observe(endpoint, tenant, seconds);
    }

    pub(crate) fn encode(&self) -> String {
        let mut out = String::new();
        text::encode(&mut out, &self.registry).unwrap();
        out
    }
}

/// With the buckets that ours has.
fn histogram() -> Histogram {
    let metric = &Schema::embedded().metrics[HTTP_REQUEST_DURATION_SECONDS];
    Histogram::new(metric.buckets.iter().map(kyros_schema::Decimal::as_f64))
}

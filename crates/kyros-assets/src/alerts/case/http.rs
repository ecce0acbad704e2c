//! Requests that fail, and requests that take long.

use kyros_schema::names::{label, metric, probe};
use kyros_schema::{Alert, Metric, Problem, SCHEMA_FILE, Schema};

use super::{Case, Shares, dead};
use crate::alerts::series::Series;

/// Requests in a step; enough that one more or less is a finer share than any threshold in use.
const REQUESTS: u32 = 10_000;

/// Observations in a step, and the rank of their 95th percentile.
const OBSERVATIONS: u32 = 1_000;
const RANK: u32 = 950;

/// Solves an alert on the share of requests that fail.
pub(super) fn errors(_: &Schema, alert: &Alert) -> Result<Case, Problem> {
    let shares = Shares::of(alert, REQUESTS)?;
    let load = |errors: u32, rest_code: &'static str, probe_code: &'static str| {
        vec![
            requests("kyros-api", "/api/me", "500").counting(errors / 2),
            requests("dash-app-clv", "/", "503").counting(errors - errors / 2),
            requests("kyros-api", "/api/me", rest_code).counting(REQUESTS - errors),
            requests("kyros-api", probe::HEALTHZ, probe_code).counting(100 * REQUESTS),
            requests("dash-app-clv", probe::METRICS, probe_code).counting(100 * REQUESTS),
        ]
    };
    let storm = vec![
        requests("kyros-api", "/api/me", "500").counting(shares.storm).then(0),
        requests("kyros-api", "/api/me", "200").counting(REQUESTS - shares.storm).then(REQUESTS),
    ];
    Ok(Case {
        above: load(shares.above, "200", "200"),
        below: load(shares.below, "404", "503"),
        storm,
        decay: shares.decay,
        first: (1, 1),
        labels: vec![],
        value: format!("{:.4}", f64::from(shares.above) / f64::from(REQUESTS)),
    })
}

fn requests(service: &str, endpoint: &str, code: &str) -> Series {
    Series::of(metric::HTTP_REQUESTS_TOTAL)
        .with(label::SERVICE, service)
        .with(label::ENDPOINT, endpoint)
        .with(label::METHOD, "GET")
        .with(label::CODE, code)
        .with(label::TENANT_ID, "_none")
}

/// Solves an alert on the 95th percentile of request time.
pub(super) fn latency(schema: &Schema, alert: &Alert) -> Result<Case, Problem> {
    let (threshold, next) = bounds(schema, alert)?;
    let load = |service: &str, endpoint: &str, fast: u32, times: u32| {
        let within = [(threshold, fast), (next, OBSERVATIONS), ("+Inf", OBSERVATIONS)];
        within.map(|(le, count)| bucket(service, endpoint, le).counting(times * count))
    };
    let quick_neighbour = load("dash-app-clv", "/", OBSERVATIONS, 100);
    let slow_probe = load("kyros-api", probe::HEALTHZ, 0, 100);
    let quick_probe = load("kyros-api", probe::HEALTHZ, OBSERVATIONS, 100);
    let storm = [(threshold, OBSERVATIONS - 4 * (OBSERVATIONS - RANK)), (next, OBSERVATIONS)];
    let storm = storm
        .into_iter()
        .chain([("+Inf", OBSERVATIONS)])
        .map(|(le, count)| bucket("kyros-api", "/api/me", le).counting(count).then(OBSERVATIONS));
    let over = 1.0 / f64::from(OBSERVATIONS - RANK + 1);
    let (low, high) = (number(threshold), number(next));
    Ok(Case {
        above: [load("kyros-api", "/api/me", RANK - 1, 1), quick_neighbour, quick_probe].concat(),
        below: [load("kyros-api", "/api/me", RANK + 1, 1), slow_probe].concat(),
        storm: storm.collect(),
        decay: 0.75,
        first: (1, 1),
        labels: vec![(label::SERVICE, "kyros-api")],
        value: format!("{:.3} s", low + (high - low) * over),
    })
}

/// The bucket that ends at the threshold, and the end of the one after it.
fn bounds<'a>(schema: &'a Schema, alert: &'a Alert) -> Result<(&'a str, &'a str), Problem> {
    let histogram = alert.metric.as_ref().and_then(|name| schema.metrics.get(name));
    let buckets = histogram.map_or(&[][..], |metric| &metric.buckets);
    let at = buckets.iter().position(|bound| bound.as_f64() >= alert.threshold.as_f64());
    let pair = at.and_then(|at| Some((buckets.get(at)?.as_str(), buckets.get(at + 1)?.as_str())));
    pair.ok_or_else(|| beyond(alert, histogram))
}

/// No quantile lies over the last bucket. What the service has set itself is at fault.
fn beyond(alert: &Alert, histogram: Option<&Metric>) -> Problem {
    let mut places =
        [Some(&alert.place), histogram.map(|metric| &metric.place)].into_iter().flatten();
    let own = places.find(|place| &*place.file != SCHEMA_FILE);
    let name = alert.metric.as_deref().unwrap_or_default();
    let reason = format!("no bucket of `{name}` lies over {}", alert.threshold);
    dead(alert, own.unwrap_or(&alert.place), &reason, "lower `threshold`, or add a bucket over it")
}

fn bucket(service: &str, endpoint: &str, le: &str) -> Series {
    Series::of(&format!("{}_bucket", metric::HTTP_REQUEST_DURATION_SECONDS))
        .with(label::SERVICE, service)
        .with(label::ENDPOINT, endpoint)
        .with(label::METHOD, "GET")
        .with(label::TENANT_ID, "_none")
        .with("le", le)
}

fn number(decimal: &str) -> f64 {
    decimal.parse().unwrap_or(f64::INFINITY)
}

//! Load that shows an alert at work: what lies just above its threshold, and what just below.
//!
//! Nothing here reads the rules. Each case is solved from the schema's numbers alone, so a rule
//! that says something else than the schema fails its tests.

use kyros_schema::names::{event, label, metric};
use kyros_schema::{Alert, Schema};

use super::series::Series;
use crate::Error;

/// Samples within an alert's window.
pub(crate) const STEPS: u32 = 20;

/// Requests in a step; enough that one more or less is a finer share than any threshold in use.
const REQUESTS: u32 = 10_000;

/// Observations in a step, and the rank of their 95th percentile.
const OBSERVATIONS: u32 = 1_000;
const RANK: u32 = 950;

/// Connections that applications may use, and those kept for superusers.
const USABLE: u32 = 1_000;
const RESERVED: u32 = 97;

/// What an alert is shown.
pub(crate) struct Case {
    /// Load for which it fires.
    pub(crate) above: Vec<Series>,
    /// Load for which it doesn't.
    pub(crate) below: Vec<Series>,
    /// Load far above, which ends.
    pub(crate) storm: Vec<Series>,
    /// How long after the storm the window is still over the threshold, as a share of the window.
    pub(crate) decay: f64,
    /// Steps from the start until `above` is over the threshold: at least and at most.
    pub(crate) first: (u32, u32),
    /// Labels of the firing alert, beside its name and severity.
    pub(crate) labels: Vec<(&'static str, &'static str)>,
    /// The value for `above` as the alert's description prints it.
    pub(crate) value: String,
}

type Solver = fn(&Schema, &Alert) -> Result<Case, Error>;

const SOLVERS: [(&str, Solver); 4] = [
    ("HttpErrorRatioHigh", http_errors),
    ("HttpLatencyP95High", http_latency),
    ("PostgresConnectionsHigh", postgres_connections),
    ("LoginFailuresHigh", login_failures),
];

/// Solves an alert; an alert that can't fire, or that has no solver, is an error.
pub(crate) fn solve(schema: &Schema, alert: &Alert) -> Result<Case, Error> {
    let known = SOLVERS.iter().find(|(name, _)| *name == alert.name);
    let (_, solver) = known.ok_or_else(|| dead(alert, "no test case is written for it"))?;
    solver(schema, alert)
}

fn http_errors(_: &Schema, alert: &Alert) -> Result<Case, Error> {
    let shares = Shares::of(alert, REQUESTS)?;
    let load = |errors: u32, rest_code: &'static str, probe_code: &'static str| {
        vec![
            requests("kyros-api", "/api/me", "500").counting(errors / 2),
            requests("dash-app-clv", "/", "503").counting(errors - errors / 2),
            requests("kyros-api", "/api/me", rest_code).counting(REQUESTS - errors),
            requests("kyros-api", "/healthz", probe_code).counting(100 * REQUESTS),
            requests("dash-app-clv", "/metrics", probe_code).counting(100 * REQUESTS),
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

fn http_latency(schema: &Schema, alert: &Alert) -> Result<Case, Error> {
    let (threshold, next) = bounds(schema, alert)?;
    let load = |service: &str, endpoint: &str, fast: u32, times: u32| {
        let within = [(threshold, fast), (next, OBSERVATIONS), ("+Inf", OBSERVATIONS)];
        within.map(|(le, count)| bucket(service, endpoint, le).counting(times * count))
    };
    let quick_neighbour = load("dash-app-clv", "/", OBSERVATIONS, 100);
    let slow_probe = load("kyros-api", "/healthz", 0, 100);
    let quick_probe = load("kyros-api", "/healthz", OBSERVATIONS, 100);
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
fn bounds<'a>(schema: &'a Schema, alert: &'a Alert) -> Result<(&'a str, &'a str), Error> {
    let histogram = alert.metric.as_ref().and_then(|name| schema.metrics.get(name));
    let buckets = histogram.map_or(&[][..], |metric| &metric.buckets);
    let at = buckets.iter().position(|bound| bound.as_f64() >= alert.threshold.as_f64());
    let pair = at.and_then(|at| Some((buckets.get(at)?.as_str(), buckets.get(at + 1)?.as_str())));
    pair.ok_or_else(|| {
        dead(alert, "no bucket lies over its threshold, so that no quantile can: add one")
    })
}

fn bucket(service: &str, endpoint: &str, le: &str) -> Series {
    Series::of(&format!("{}_bucket", metric::HTTP_REQUEST_DURATION_SECONDS))
        .with(label::SERVICE, service)
        .with(label::ENDPOINT, endpoint)
        .with(label::METHOD, "GET")
        .with(label::TENANT_ID, "_none")
        .with("le", le)
}

fn postgres_connections(_: &Schema, alert: &Alert) -> Result<Case, Error> {
    let shares = Shares::of(alert, USABLE)?;
    let limits = || {
        let of = |name, server| Series::of(name).with("instance", server).with("job", "postgres");
        vec![
            of("pg_settings_max_connections", "main").showing(USABLE + RESERVED),
            of("pg_settings_superuser_reserved_connections", "main").showing(RESERVED),
            of("pg_settings_max_connections", "idle").showing(10 * USABLE),
            of("pg_settings_superuser_reserved_connections", "idle").showing(RESERVED),
            activity("idle", "kyros", "idle").showing(1),
        ]
    };
    let load = |used: u32| {
        let databases = vec![
            activity("main", "kyros", "active").showing(used / 2),
            activity("main", "reports", "idle").showing(used - used / 2),
        ];
        [databases, limits()].concat()
    };
    let storm = vec![activity("main", "kyros", "active").showing(shares.storm).then(0)];
    Ok(Case {
        above: load(shares.above),
        below: load(shares.exact),
        storm: [storm, limits()].concat(),
        decay: shares.decay,
        first: (0, 0),
        labels: vec![("instance", "main")],
        value: format!("{:.4}", f64::from(shares.above) / f64::from(USABLE)),
    })
}

fn activity(server: &str, database: &str, state: &str) -> Series {
    Series::of("pg_stat_activity_count")
        .with("instance", server)
        .with("job", "postgres")
        .with("server", "a label that the settings lack")
        .with("datname", database)
        .with("state", state)
}

#[expect(clippy::unnecessary_wraps, reason = "all alerts are solved through one signature")]
fn login_failures(_: &Schema, alert: &Alert) -> Result<Case, Error> {
    let most = whole(alert.threshold.as_f64());
    let spread = |half_logins: u32| {
        let per_step = f64::from(half_logins) / 4.0 / f64::from(STEPS);
        ["kyros-api", "dash-app-clv"]
            .map(|service| events(service, event::LOGIN, "failure").counting_parts(per_step))
    };
    let noise = [
        events("kyros-api", event::LOGIN, "success").counting(most + 1),
        events("kyros-api", event::AUTH_FAILED, "failure").counting(most + 1),
    ];
    let storm = spread(8 * (most + 1)).map(|series| series.then(0));
    Ok(Case {
        above: spread(2 * most + 3).into(),
        below: spread(2 * most + 1).into_iter().chain(noise).collect(),
        storm: storm.into(),
        decay: 0.75,
        first: (STEPS / 2, STEPS + 1),
        labels: vec![],
        value: (most + 1).to_string(),
    })
}

fn events(service: &str, event: &str, outcome: &str) -> Series {
    Series::of(metric::KYROS_EVENTS_TOTAL)
        .with(label::SERVICE, service)
        .with(label::EVENT, event)
        .with(label::OUTCOME, outcome)
        .with(label::TENANT_ID, "_none")
}

/// Parts of a whole that lie around a threshold that is a share of it.
struct Shares {
    /// The most parts that are not over the threshold.
    exact: u32,
    /// The fewest parts that are over it.
    above: u32,
    /// The most parts that are under it.
    below: u32,
    /// About four times the threshold, or all parts.
    storm: u32,
    /// How long an average over a window outlasts the storm, as a share of the window.
    decay: f64,
}

impl Shares {
    fn of(alert: &Alert, parts: u32) -> Result<Self, Error> {
        let at = alert.threshold.as_f64() * f64::from(parts);
        let exact = whole(at);
        let above = exact + 1;
        if above > parts {
            return Err(dead(alert, "its threshold is the whole: give a share below 1"));
        }
        let below = if f64::from(exact) + TOLERANCE < at { exact } else { exact.saturating_sub(1) };
        let storm = (4 * exact).clamp(above, parts);
        Ok(Self { exact, above, below, storm, decay: 1.0 - at / f64::from(storm) })
    }
}

/// What a decimal may lose on its way through a float.
const TOLERANCE: f64 = 1e-6;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float beyond the integers saturates, and thresholds are not negative"
)]
fn whole(number: f64) -> u32 {
    ((number + TOLERANCE).floor() as u32).min(u32::MAX / 1_000)
}

fn number(decimal: &str) -> f64 {
    decimal.parse().unwrap_or(f64::INFINITY)
}

fn dead(alert: &Alert, reason: &str) -> Error {
    Error::DeadAlert { alert: alert.name.clone(), reason: reason.to_owned() }
}

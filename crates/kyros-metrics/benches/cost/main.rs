//! What the store costs, beside the Rust crate prometheus-client in the same run.
//!
//! Rounds alternate and medians count, so that a noisy machine disturbs both alike. Prints one line
//! per measurement, `name<TAB>value`, which `python/benchmarks/table.py` puts into its table. Run by
//! `make bench`.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(clippy::print_stdout, reason = "what it measured is what it is for")]

mod cardinality;
mod peer;

use std::hint::black_box;
use std::time::{Duration, Instant};

use kyros_metrics::{Family, Format, Limits, Options, Registry};
use kyros_schema::Schema;
use kyros_schema::names::metric::{HTTP_REQUEST_DURATION_SECONDS, HTTP_REQUESTS_TOTAL};

const TENANTS: usize = 500;
const ENDPOINTS: usize = 20;
const ROUNDS: usize = 21;
const ENDPOINT: &str = "/api/items/7";
const UPDATES: u32 = 200_000;

fn main() {
    encode();
    update();
    cardinality::flood();
    cardinality::full();
}

/// Milliseconds to write 10,000 histogram series.
fn encode() {
    let ours = registry();
    let peer = peer::Peer::default();
    fill(&duration(&ours), &peer);
    let rounds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let open = timed(|| ours.render(Format::OpenMetrics));
            let classic = timed(|| ours.render(Format::Classic));
            [open, classic, timed(|| peer.encode())]
        })
        .collect();
    for (at, name) in ["open_metrics", "classic", "prometheus_client"].iter().enumerate() {
        let median = median(rounds.iter().map(|round| round[at]).collect());
        println!("encode_{name}_ms\t{:.2}", median.as_secs_f64() * 1e3);
    }
}

/// Nanoseconds to find a counter and a histogram by their label values and to update both.
fn update() {
    let ours = registry();
    let (requests, duration) = (ours.family(HTTP_REQUESTS_TOTAL).unwrap(), duration(&ours));
    let peer = peer::Peer::default();
    fill(&duration, &peer);
    let rounds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let one = |tenant: &str| {
                requests.series(&["api", ENDPOINT, "GET", "200", tenant]).add(1.0);
                duration.series(&["api", ENDPOINT, "GET", tenant]).observe(0.03);
            };
            [repeated(one), repeated(|tenant| peer.update(ENDPOINT, tenant, 0.03))]
        })
        .collect();
    for (at, name) in ["native", "rust_prometheus_client"].iter().enumerate() {
        let median = median(rounds.iter().map(|round| round[at]).collect());
        println!("update_{name}_ns\t{:.1}", median.as_secs_f64() * 1e9 / f64::from(UPDATES));
    }
}

fn registry() -> Registry {
    let limits = Limits { series_per_metric: 4 * TENANTS * ENDPOINTS, ..Limits::default() };
    Registry::open(Schema::embedded(), &Options { limits, ..Options::default() })
}

fn duration(registry: &Registry) -> Family {
    registry.family(HTTP_REQUEST_DURATION_SECONDS).unwrap()
}

/// The same observations on both sides: some in each bucket, with sums that are no round numbers.
fn fill(ours: &Family, peer: &peer::Peer) {
    for tenant in 0..TENANTS {
        let tenant = format!("tenant-{tenant:03}");
        for endpoint in 0..ENDPOINTS {
            let endpoint = format!("/api/items/{endpoint}");
            let series = ours.series(&["api", &endpoint, "GET", &tenant]);
            for step in 0..20 {
                let seconds = 0.001_234_5 * f64::from(1 << (step % 14));
                series.observe(seconds);
                peer.observe(&endpoint, &tenant, seconds);
            }
        }
    }
    assert_eq!(ours.series_count(), TENANTS * ENDPOINTS, "a budget was spent");
}

/// As often as it takes, for a hundred tenants in turn.
fn repeated(one: impl Fn(&str)) -> Duration {
    let tenants: Vec<_> = (0..100).map(|tenant| format!("tenant-{tenant:03}")).collect();
    timed(|| (0..UPDATES).zip(tenants.iter().cycle()).for_each(|(_, tenant)| one(tenant)))
}

fn timed<T>(run: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(run());
    start.elapsed()
}

fn median(mut rounds: Vec<Duration>) -> Duration {
    rounds.sort_unstable();
    rounds[rounds.len() / 2]
}

//! What a flood of distinct tenants costs those who are known.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use kyros_metrics::{Family, Registry};
use kyros_schema::names::label::TENANT_ID;
use kyros_schema::names::metric::HTTP_REQUESTS_TOTAL;
use kyros_schema::{Metric, MetricKind, Schema};

use crate::{repeated, timed};

const TENANTS: u64 = 1_000_000;
const THREADS: usize = 8;
/// Updates of a known series that are timed together: a clock costs as much as one of them.
const BATCH: u32 = 16;
const BATCHES: usize = 20_000;

/// Nanoseconds of an update of a known series beside nothing, beside a flood, and after it; those
/// of an update that is over a budget; and what the flood has left in memory.
#[expect(clippy::cast_precision_loss, reason = "counts and sizes stay far below 2^53")]
pub(crate) fn flood() {
    let registry = Registry::new(Schema::embedded());
    let requests = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    let before = percentiles(&requests, || false);
    let resident = resident_bytes();
    let (during, seconds) = flooded(&requests);
    let grown = resident_bytes().saturating_sub(resident);
    let after = percentiles(&requests, || false);
    for (name, [middle, high]) in [("before", before), ("during", during), ("after", after)] {
        println!("flood_known_{name}_p50_ns\t{middle:.1}");
        println!("flood_known_{name}_p99_ns\t{high:.1}");
    }
    println!("flood_known_after_to_before_p99\t{:.2}", after[1] / before[1]);
    println!("flood_tenants_per_second\t{:.0}", TENANTS as f64 / seconds);
    println!("flood_grown_mb\t{:.1}", grown as f64 / 1e6);
    println!("flood_series\t{}", requests.series_count());
    let over = repeated(|_| add(&requests, "one-more"));
    let huge = "x".repeat(1 << 20);
    let huge = repeated(|_| add(&requests, &huge));
    println!("update_huge_ns\t{:.1}", huge.as_secs_f64() * 1e9 / f64::from(crate::UPDATES));
    println!("update_over_budget_ns\t{:.1}", over.as_secs_f64() * 1e9 / f64::from(crate::UPDATES));
}

/// Nanoseconds of an update that finds no memory for its series.
pub(crate) fn full() {
    let registry = Registry::new(Schema::embedded());
    let requests = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    let labels = vec![TENANT_ID.to_owned(), "queue".to_owned()];
    let mut metric = Metric::own("app_large_seconds", MetricKind::Histogram, "Large.", labels);
    metric.buckets = (1..800).map(|bound| bound.to_string().parse().unwrap()).collect();
    let large = registry.register(&metric).unwrap();
    let place = |at: u32| large.series(&[&(at / 100).to_string(), &(at % 100).to_string()]);
    (0..10_000).find(|at| place(*at).is_overflow()).unwrap();
    let full = repeated(|tenant| add(&requests, tenant));
    println!("update_memory_full_ns\t{:.1}", full.as_secs_f64() * 1e9 / f64::from(crate::UPDATES));
}

fn flooded(requests: &Family) -> ([f64; 2], f64) {
    let next = AtomicU64::new(0);
    let mut known = [0.0; 2];
    let all = std::thread::scope(|scope| {
        let hammer = || {
            let tenants = || Some(next.fetch_add(1, Ordering::Relaxed));
            for tenant in std::iter::from_fn(tenants).take_while(|tenant| *tenant < TENANTS) {
                add(requests, &tenant.to_string());
            }
        };
        let begun = Instant::now();
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(hammer)).collect();
        known = percentiles(requests, || next.load(Ordering::Relaxed) < TENANTS);
        for thread in threads {
            thread.join().unwrap();
        }
        begun.elapsed()
    });
    (known, all.as_secs_f64())
}

fn add(requests: &Family, tenant: &str) {
    requests.series(&["api", "/api/me", "GET", "200", tenant]).add(1.0);
}

/// The middle and the 99th percentile of an update of a known series.
fn percentiles(requests: &Family, goes_on: impl Fn() -> bool) -> [f64; 2] {
    let mut batches = Vec::new();
    while batches.len() < BATCHES || goes_on() {
        batches.push(timed(|| (0..BATCH).for_each(|_| add(requests, "known"))));
    }
    batches.sort_unstable();
    let at = |part: usize| batches[batches.len() * part / 100].as_secs_f64() * 1e9;
    [at(50), at(99)].map(|nanoseconds| nanoseconds / f64::from(BATCH))
}

fn resident_bytes() -> usize {
    let process = procfs::process::Process::myself().unwrap();
    usize::try_from(process.statm().unwrap().resident).unwrap() * 4096
}

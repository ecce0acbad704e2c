//! An arena whose memory is used up: new series collapse, and all else goes on.

use kyros_metrics::{Family, Format, Registry};
use kyros_schema::names::metric::{
    HTTP_REQUEST_DURATION_SECONDS, HTTP_REQUESTS_TOTAL, KYROS_ARENA_CAPACITY_BYTES,
    KYROS_ARENA_USED_BYTES,
};
use kyros_schema::{Metric, MetricKind};

use crate::parser::{parse, promtool};
use crate::part::Part;
use crate::{registry_of, value};

const OVERLAY: &str = r#"
[label.tenant_id]
bound = 100000

[label.shard]
help = "A shard."
bound = 100000
"#;

/// A histogram whose series take 32 KB each.
fn large(registry: &Registry) -> Family {
    let labels = vec!["tenant_id".to_owned(), "shard".to_owned()];
    let mut metric = Metric::own("app_large_seconds", MetricKind::Histogram, "Large.", labels);
    metric.buckets = (1..800).map(|bound| bound.to_string().parse().unwrap()).collect();
    registry.register(&metric).unwrap()
}

fn own(registry: &Registry, name: &str) -> Family {
    let labels = vec!["tenant_id".to_owned(), "shard".to_owned()];
    let metric = Metric::own(name, MetricKind::Counter, "Jobs.", labels);
    registry.register(&metric).unwrap()
}

/// Spends all memory.
pub(crate) fn fill(registry: &Registry) {
    let large = large(registry);
    let observe = |at: u32| {
        let series = large.series(&["large", &at.to_string()]);
        series.observe(1.5);
        !series.is_overflow()
    };
    (0..10_000).find(|at| !observe(*at)).unwrap();
    let jobs = own(registry, "app_small_total");
    let add = |at: u32| {
        let series = jobs.series(&["t", &at.to_string()]);
        series.add(1.0);
        !series.is_overflow()
    };
    (0..10_000).find(|at| !add(*at)).unwrap();
}

fn total(text: &str, metric: &str) -> f64 {
    let samples = text.lines().filter(|line| line.starts_with(metric));
    samples.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

#[test]
fn where_the_memory_is_full_new_series_collapse_and_all_samples_count() {
    let registry = registry_of(100_000, OVERLAY);
    let requests = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    let duration = registry.family(HTTP_REQUEST_DURATION_SECONDS).unwrap();
    let add = |tenant: &str| {
        let series = requests.series(&["s", "/", "GET", "200", tenant]);
        series.add(1.0);
        duration.series(&["s", "/", "GET", tenant]).observe(0.1);
        series.is_overflow()
    };
    assert!(!add("known"));
    fill(&registry);
    assert!(!add("known"));
    for tenant in 0..1_000 {
        assert!(add(&tenant.to_string()));
    }
    let late = own(&registry, "app_late_total");
    (0..100).for_each(|at| late.series(&[&at.to_string(), "s"]).add(1.0));
    assert!(registry.forget_tenant("large").unwrap() > 1_000);
    let text = registry.render(Format::Classic);
    assert_eq!(total(&text, "http_requests_total{"), 1_002.0);
    assert_eq!(total(&text, "http_request_duration_seconds_count{"), 1_002.0);
    assert_eq!(total(&text, "app_late_total{"), 100.0);
    for (metric, count) in
        [("http_requests_total", 1_000.0), ("app_large_seconds", 1.0), ("app_late_total", 100.0)]
    {
        let sample = format!("kyros_series_overflow_total{{metric=\"{metric}\"}}");
        assert_eq!(value(&text, &sample), count);
    }
    let used = value(&text, KYROS_ARENA_USED_BYTES) / value(&text, KYROS_ARENA_CAPACITY_BYTES);
    assert!((0.99..=1.0).contains(&used), "{used}");
    assert_eq!(promtool(&text), "");
    parse(&registry.render(Format::OpenMetrics), Format::OpenMetrics);
}

#[expect(clippy::print_stderr, reason = "what is not tried has to be told")]
fn in_little_memory(name: &str, first: &str) -> Option<Part> {
    let place = std::env::temp_dir().join(format!("memory-{name}-{}", std::process::id()));
    std::fs::create_dir(&place).unwrap();
    let part = Part::start_in_little_memory(&place, first);
    std::fs::remove_dir(&place).unwrap();
    if part.is_none() {
        assert!(std::env::var_os("CI").is_none(), "no file system can be mounted, hint: be root");
        eprintln!("not tried: no file system can be mounted, hint: be root or allow namespaces");
    }
    part
}

/// Even reading a mapping without memory behind it would kill.
#[test]
fn a_file_system_that_is_full_from_the_start_is_not_used() {
    let fill = "dd if=/dev/zero of=filler bs=4k 2>/dev/null";
    let Some(mut part) = in_little_memory("before", fill) else { return };
    assert!(part.ask("problem")[0].contains("No space left"));
    part.ask("insert 1 10");
    assert!(!part.ask("show").is_empty());
    part.leave();
}

/// Writing to a mapping without memory behind it would kill.
#[test]
fn a_file_system_that_is_full_costs_new_series_and_no_process() {
    let Some(mut part) = in_little_memory("later", "true") else { return };
    assert_eq!(part.ask("problem"), [""; 0]);
    part.ask("insert 1 10");
    let known = part.ask("show").len();
    part.ask("fill");
    part.ask("insert 2 2000");
    let lines = part.ask("show");
    let total: u64 =
        lines.iter().map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum();
    assert_eq!(total, 2_010);
    assert!((known..=known + 1).contains(&lines.len()), "{known} became {}", lines.len());
    part.leave();
}

//! Exact totals from many threads, with scrapes in between.

use std::sync::atomic::{AtomicBool, Ordering};

use kyros_metrics::Format;
use kyros_schema::names::metric::{
    HTTP_REQUEST_DURATION_SECONDS, HTTP_REQUESTS_TOTAL, HTTP_RESPONSE_SIZE_BYTES,
    KYROS_AUDIT_PENDING,
};

use crate::{registry, value};

const THREADS: u32 = 8;
const EACH: u32 = 20_000;

#[test]
fn no_update_is_lost() {
    let registry = registry("");
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let registry = &registry;
            scope.spawn(move || update(registry, thread));
        }
    });
    let text = registry.render(Format::Classic);
    let all = f64::from(THREADS * EACH);
    let labels = r#"{service="s",endpoint="/",method="GET",tenant_id="t"}"#;
    let named = |name: &str| format!("{name}{labels}");
    assert_eq!(value(&text, &named("http_request_duration_seconds_count")), all);
    assert_eq!(value(&text, &named("http_request_duration_seconds_sum")), 16_000.8);
    let size = r#"http_response_size_bytes_sum{service="s",endpoint="/",tenant_id="t"}"#;
    assert_eq!(value(&text, size), all * 7.0);
    let code =
        r#"http_requests_total{service="s",endpoint="/",method="GET",code="200",tenant_id="t"}"#;
    assert_eq!(value(&text, code), all);
    assert_eq!(value(&text, KYROS_AUDIT_PENDING), 0.0);
}

/// Half of the threads update a series they look up each time.
fn update(registry: &kyros_metrics::Registry, thread: u32) {
    let family = |name| registry.family(name).unwrap();
    let requests = family(HTTP_REQUESTS_TOTAL);
    let kept = requests.series(&["s", "/", "GET", "200", "t"]);
    let duration = family(HTTP_REQUEST_DURATION_SECONDS).series(&["s", "/", "GET", "t"]);
    let size = family(HTTP_RESPONSE_SIZE_BYTES).series(&["s", "/", "t"]);
    let pending = family(KYROS_AUDIT_PENDING).series(&[]);
    for _ in 0..EACH {
        let found = requests.series(&["s", "/", "GET", "200", "t"]);
        [&found, &kept][usize::from(thread.is_multiple_of(2))].add(1.0);
        duration.observe(0.100_005);
        size.observe(7.0);
        pending.add(1.0);
        pending.add(-1.0);
    }
}

#[test]
fn a_scrape_amid_updates_is_consistent() {
    let registry = registry("");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let registry = &registry;
            scope.spawn(move || update(registry, thread));
        }
        let watch = scope.spawn(|| {
            let mut before = 0.0;
            while !done.load(Ordering::Relaxed) {
                before = never_less(&registry, before);
            }
        });
        for _ in 0..50 {
            never_less(&registry, 0.0);
        }
        done.store(true, Ordering::Relaxed);
        watch.join().unwrap();
    });
}

/// The count is that of the last bucket, and no less than before.
fn never_less(registry: &kyros_metrics::Registry, before: f64) -> f64 {
    let text = registry.render(Format::OpenMetrics);
    if !text.contains("http_request_duration_seconds_count") {
        return before;
    }
    let labels = r#"{service="s",endpoint="/",method="GET",tenant_id="t""#;
    let count = value(&text, &format!("http_request_duration_seconds_count{labels}}}"));
    let last =
        value(&text, &format!(r#"http_request_duration_seconds_bucket{labels},le="+Inf"}}"#));
    assert_eq!(count, last);
    assert!(count >= before);
    count
}

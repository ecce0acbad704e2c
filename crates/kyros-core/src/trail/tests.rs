//! The metrics follow the trail by themselves: what is read here is the registry's text, which no
//! scrape has brought up to date.

use std::sync::Arc;

use kyros_metrics::negotiate;
use kyros_schema::names::{action, metric};

use crate::{Runtime, Settings};

fn runtime(name: &str) -> Arc<Runtime> {
    let name = format!("kyros-core-trail-{}-{name}", std::process::id());
    let spool = std::env::temp_dir().join(name);
    let given = [("service", "api"), ("spool_dir", spool.to_str().unwrap())];
    Runtime::capture(Settings::resolve(given).unwrap()).unwrap()
}

fn record(runtime: &Runtime, times: u32) {
    for _ in 0..times {
        runtime.audit(action::VIEW_DASHBOARD, None, "success", Vec::new(), None).unwrap();
    }
}

fn check(runtime: &Runtime, expected: &[(&str, f64)]) {
    let text = runtime.registry().render(negotiate(Some("text/plain")));
    for (name, value) in expected {
        let found: Vec<f64> = text
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
            .collect();
        assert_eq!(found, [*value], "{name}");
    }
}

#[test]
fn an_event_is_in_the_metrics_when_it_is_recorded() {
    let runtime = runtime("recorded");
    check(
        &runtime,
        &[(metric::KYROS_AUDIT_SPOOLED_TOTAL, 0.0), (metric::KYROS_AUDIT_PENDING, 0.0)],
    );
    record(&runtime, 3);
    check(
        &runtime,
        &[(metric::KYROS_AUDIT_SPOOLED_TOTAL, 3.0), (metric::KYROS_AUDIT_PENDING, 3.0)],
    );
    std::fs::remove_dir_all(runtime.settings().spool_dir()).unwrap();
}

#[test]
fn so_is_a_failure_to_record_one() {
    let runtime = runtime("failed");
    let spool = runtime.settings().spool_dir();
    std::fs::remove_dir_all(&spool).unwrap();
    std::fs::write(&spool, "in the way").unwrap();
    record(&runtime, 2);
    check(
        &runtime,
        &[(metric::KYROS_AUDIT_SPOOL_ERRORS_TOTAL, 2.0), (metric::KYROS_AUDIT_PENDING, 0.0)],
    );
    std::fs::remove_file(&spool).unwrap();
}

#[test]
fn counters_go_on_in_a_child_of_a_fork_and_gauges_begin_anew() {
    let runtime = runtime("forked");
    record(&runtime, 5);
    runtime.after_fork();
    record(&runtime, 3);
    check(
        &runtime,
        &[(metric::KYROS_AUDIT_SPOOLED_TOTAL, 8.0), (metric::KYROS_AUDIT_PENDING, 3.0)],
    );
    std::fs::remove_dir_all(runtime.settings().spool_dir()).unwrap();
}

#[test]
fn threads_that_record_and_scrape_at_once_count_each_event_once() {
    let runtime = runtime("threads");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| record(&runtime, 50));
            scope.spawn(|| (0..50).for_each(|_| runtime.state_audit()));
        }
    });
    check(
        &runtime,
        &[(metric::KYROS_AUDIT_SPOOLED_TOTAL, 200.0), (metric::KYROS_AUDIT_PENDING, 200.0)],
    );
    std::fs::remove_dir_all(runtime.settings().spool_dir()).unwrap();
}

#[test]
fn the_metrics_keep_no_runtime_alive() {
    let runtime = runtime("dropped");
    record(&runtime, 1);
    let spool = runtime.settings().spool_dir();
    let weak = Arc::downgrade(&runtime);
    drop(runtime);
    assert!(weak.upgrade().is_none());
    std::fs::remove_dir_all(spool).unwrap();
}

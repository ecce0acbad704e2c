//! Series that nobody uses make room; tenants that are forgotten are gone.

use std::path::PathBuf;
use std::time::Duration;

use kyros_metrics::{Family, Format, Limits, Options, Registry, Sharing};
use kyros_schema::names::metric::HTTP_REQUESTS_TOTAL;
use kyros_schema::{Metric, MetricKind};
use proptest::prelude::*;

use crate::{registry, schema, value};

const OVERLAY: &str = r#"
[label.tenant_id]
bound = 4

[label.colour]
help = "A colour."
bound = 4

[metric.paints_total]
kind = "counter"
help = "Paints."
labels = ["colour"]

[metric.brushes]
kind = "gauge"
help = "Brushes."
labels = ["colour"]
"#;

/// A registry whose series are idle when nobody has used them between two looks.
fn impatient(series_per_metric: usize, sharing: Sharing) -> Registry {
    let limits = Limits { series_per_metric, idle: Duration::ZERO };
    Registry::open(&schema(OVERLAY), &Options { limits, sharing, ..Options::default() })
}

fn own(registry: &Registry) -> Family {
    let labels = vec!["queue".to_owned()];
    let metric = Metric::own("app_jobs_total", MetricKind::Counter, "Jobs.", labels);
    registry.register(&metric).unwrap()
}

fn add(family: &Family, value: &str) -> bool {
    let series = family.series(&[value]);
    series.add(1.0);
    series.is_overflow()
}

fn look(registry: &Registry) -> String {
    registry.render(Format::Classic)
}

#[test]
fn idle_series_stay_where_there_is_room() {
    let registry = impatient(100, Sharing::Forks);
    let jobs = own(&registry);
    (0..50).for_each(|job| _ = add(&jobs, &job.to_string()));
    (0..5).for_each(|_| _ = look(&registry));
    assert!(!add(&jobs, "one-more"));
    assert_eq!(jobs.series_count(), 51);
    let text = look(&registry);
    assert_eq!(value(&text, "app_jobs_total{queue=\"0\"}"), 1.0);
}

#[test]
fn idle_series_make_room_and_the_others_stay() {
    let registry = impatient(20, Sharing::Forks);
    let jobs = own(&registry);
    jobs.initialise(&[("queue", &["alerted"])]).unwrap();
    let kept = jobs.series(&["kept"]);
    let mut old = 0;
    while !add(&jobs, &format!("old-{old}")) {
        old += 1;
    }
    (0..2).for_each(|_| _ = look(&registry));
    kept.add(41.0);
    let new = (0..10).filter(|new| !add(&jobs, &format!("new-{new}"))).count();
    assert!(new > 0, "nothing has made room");
    kept.add(1.0);
    let text = look(&registry);
    assert_eq!(value(&text, "app_jobs_total{queue=\"kept\"}"), 42.0);
    assert_eq!(value(&text, "app_jobs_total{queue=\"alerted\"}"), 0.0);
    assert!(!text.contains("queue=\"old-0\""), "{text}");
    assert!(jobs.series_count() <= 20);
}

#[test]
fn what_has_expired_begins_anew_in_handles_too() {
    let registry = impatient(8, Sharing::Forks);
    let jobs = own(&registry);
    let handle = jobs.series(&["handle"]);
    handle.add(5.0);
    (0..2).for_each(|_| _ = look(&registry));
    (0..40).for_each(|job| _ = add(&jobs, &job.to_string()));
    assert!(!look(&registry).contains("queue=\"handle\""));
    handle.add(2.0);
    let text = look(&registry);
    assert!(text.contains("queue=\"handle\"} 2\n") || handle_is_counted(&text), "{text}");
}

/// There was no room for it again: its sample is in the overflow, and counted there.
fn handle_is_counted(text: &str) -> bool {
    value(text, "kyros_series_overflow_total{metric=\"app_jobs_total\"}") > 0.0
}

#[test]
fn a_handle_that_finds_no_room_again_counts_as_overflow() {
    let registry = registry(OVERLAY);
    let family = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    let of = |tenant: &str| family.series(&["s", "/", "GET", "200", tenant]);
    let handle = of("gone");
    handle.add(1.0);
    assert_eq!(registry.forget_tenant("gone").unwrap(), 1);
    (0..4).for_each(|tenant| of(&tenant.to_string()).add(1.0));
    handle.add(3.0);
    let text = look(&registry);
    let other = r#"http_requests_total{service="s",endpoint="/",method="GET",code="200",tenant_id="_other"}"#;
    assert_eq!(value(&text, other), 3.0);
    assert_eq!(value(&text, r#"kyros_series_overflow_total{metric="http_requests_total"}"#), 1.0);
}

#[test]
fn the_bound_of_a_label_is_freed() {
    let registry = impatient(100, Sharing::Forks);
    let paints = registry.family("paints_total").unwrap();
    for colour in ["red", "green", "blue", "pink"] {
        assert!(!add(&paints, colour));
    }
    assert!(add(&paints, "grey"));
    (0..2).for_each(|_| _ = look(&registry));
    assert!((0..3).any(|_| !add(&paints, "grey")), "{}", look(&registry));
    assert!(paints.series_count() <= 5);
}

#[test]
fn a_gauge_that_has_expired_is_unset_until_it_is_set() {
    let registry = impatient(100, Sharing::Forks);
    let brushes = registry.family("brushes").unwrap();
    let set = |colour, count| {
        let series = brushes.series(&[colour]);
        series.set(count);
        series.is_overflow()
    };
    for colour in ["red", "green", "blue", "pink"] {
        assert!(!set(colour, 7.0));
    }
    (0..2).for_each(|_| _ = look(&registry));
    assert!((0..3).any(|_| !set("grey", 1.0)));
    let text = look(&registry);
    assert!(!text.contains("brushes{colour=\"red\"}"), "{text}");
    assert_eq!(value(&text, "brushes{colour=\"grey\"}"), 1.0);
}

#[test]
fn a_tenant_is_forgotten_in_all_registries() {
    let file = Path::of("forget");
    let [one, other] = [(); 2].map(|()| impatient(100, file.sharing()));
    let family = |registry: &Registry| registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    let series = |registry: &Registry, endpoint: &str, tenant: &str| {
        family(registry).series(&["s", endpoint, "GET", "200", tenant])
    };
    let handle = series(&other, "/", "gone");
    handle.add(5.0);
    series(&one, "/x", "gone").add(5.0);
    series(&other, "/", "stays").add(5.0);
    assert_eq!(one.forget_tenant("gone").unwrap(), 2);
    assert_eq!(other.forget_tenant("gone").unwrap(), 0);
    assert!(!look(&other).contains("gone") && !look(&one).contains("gone"));
    handle.add(1.0);
    for registry in [&one, &other] {
        let text = look(registry);
        let of = |tenant: &str| {
            format!(
                r#"http_requests_total{{service="s",endpoint="/",method="GET",code="200",tenant_id="{tenant}"}}"#
            )
        };
        assert_eq!(value(&text, &of("gone")), 1.0);
        assert_eq!(value(&text, &of("stays")), 5.0);
    }
}

#[test]
fn a_tenant_with_a_long_name_is_forgotten_by_it() {
    let registry = registry(OVERLAY);
    let long = "x".repeat(5_000);
    let family = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    family.series(&["s", "/", "GET", "200", &long]).add(1.0);
    assert_eq!(registry.forget_tenant(&long).unwrap(), 1);
}

#[test]
fn what_stands_for_no_tenant_is_not_forgotten() {
    let registry = registry(OVERLAY);
    let family = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    for tenant in ["_none", "_other"] {
        family.series(&["s", "/", "GET", "200", tenant]).add(1.0);
        assert_eq!(registry.forget_tenant(tenant).unwrap(), 0);
    }
    assert_eq!(family.series_count(), 2);
}

#[test]
fn a_gauge_in_use_stays_a_gauge_in_use() {
    let file = Path::of("gauges");
    let first = impatient(100, file.sharing());
    first.family("brushes").unwrap().series(&["red"]).add(3.0);
    let second = impatient(100, file.sharing());
    for registry in [&first, &second] {
        let text = look(registry);
        assert_eq!(value(&text, "brushes{colour=\"red\"}"), 3.0);
    }
}

/// Everybody kills and makes series at once; those that stay in any case lose nothing.
#[test]
fn kept_series_survive_a_churn_of_all_others() {
    const EACH: u32 = 300;
    let file = Path::of("churn");
    let registries = [(); 3].map(|()| impatient(16, file.sharing()));
    let families = registries.each_ref().map(own);
    families[0].initialise(&[("queue", &["kept-0", "kept-1", "kept-2"])]).unwrap();
    std::thread::scope(|scope| {
        for (at, family) in families.iter().enumerate() {
            scope.spawn(move || {
                let kept = family.series(&[&format!("kept-{at}")]);
                for step in 0..EACH {
                    kept.add(1.0);
                    add(family, &format!("{at}-{}", step % 50));
                }
            });
        }
    });
    for (registry, family) in registries.iter().zip(&families) {
        assert!(family.series_count() <= 16);
        let text = look(registry);
        for at in 0..3 {
            let kept = value(&text, &format!("app_jobs_total{{queue=\"kept-{at}\"}}"));
            assert_eq!(kept, f64::from(EACH));
        }
        assert_eq!(value(&text, "kyros_arena_unsound_records"), 0.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever comes and goes, what was used between all looks has counted all of its samples,
    /// and there are never too many.
    #[test]
    fn used_series_keep_their_counts(
        budget in 8_usize..40,
        samples in prop::collection::vec((0_u8..60, any::<bool>()), 1..300),
    ) {
        let registry = impatient(budget, Sharing::Forks);
        let jobs = own(&registry);
        jobs.initialise(&[("queue", &["used"])]).unwrap();
        for (at, (job, looks)) in (1_u32..).zip(&samples) {
            jobs.series(&["used"]).add(1.0);
            add(&jobs, &job.to_string());
            if *looks {
                let used = value(&look(&registry), "app_jobs_total{queue=\"used\"}");
                prop_assert_eq!(used, f64::from(at));
            }
            prop_assert!(jobs.series_count() <= budget);
        }
    }
}

/// A file that goes with the test.
struct Path(PathBuf);

impl Path {
    fn of(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("expiry-{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Self(path)
    }

    fn sharing(&self) -> Sharing {
        Sharing::File(self.0.clone())
    }
}

impl Drop for Path {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

//! What may not leave the process reaches neither a label nor a help text.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

use kyros_metrics::{Family, Format, Limits, Options, Registry, Scrub};
use kyros_schema::names::metric::HTTP_REQUESTS_TOTAL;
use kyros_schema::{Metric, MetricKind};
use proptest::prelude::*;

use crate::{schema, value};

/// Whatever has an at sign in it is somebody's.
fn scrub(text: &str) -> Cow<'_, str> {
    if text.contains('@') { "[gone]".into() } else { text.into() }
}

fn registry(series_per_metric: usize) -> Registry {
    with_scrub(Limits { series_per_metric, ..Limits::default() }, scrub)
}

fn with_scrub(limits: Limits, scrub: Scrub) -> Registry {
    Registry::open(&schema(""), &Options { limits, scrub, ..Options::default() })
}

fn add(family: &Family, tenant: &str) -> bool {
    let series = family.series(&["s", "/{email}", "GET", "200", tenant]);
    series.add(1.0);
    series.is_overflow()
}

#[test]
fn labels_and_help_of_the_application_are_scrubbed() {
    let registry = registry(100);
    let help = "Jobs, ask ana@client.example.";
    let declared = Metric::own("jobs_total", MetricKind::Counter, help, vec!["owner".into()]);
    for owner in ["ana@client.example", "bob@client.example", "[gone]", "team"] {
        let family = registry.register(&declared).unwrap();
        let series = family.series(&[owner]);
        series.add(1.0);
        assert!(!series.is_overflow(), "{owner}");
    }
    registry.register(&declared).unwrap().initialise(&[("owner", &["eve@x"])]).unwrap();
    for format in [Format::Classic, Format::OpenMetrics] {
        let text = registry.render(format);
        assert!(!text.contains('@') && !text.contains("ask"), "{text}");
        assert_eq!(value(&text, "jobs_total{owner=\"[gone]\"}"), 3.0);
        assert_eq!(value(&text, "jobs_total{owner=\"team\"}"), 1.0);
    }
}

#[test]
fn values_that_differ_in_what_is_scrubbed_share_a_series() {
    let registry = registry(100);
    let requests = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    for tenant in ["a@b", "c@d", "a@b", "8e1b"] {
        assert!(!add(&requests, tenant));
    }
    assert_eq!(requests.series_count(), 2);
    let long = format!("{}@client.example", "x".repeat(300));
    assert!(!add(&requests, &long));
    assert_eq!(requests.series_count(), 2);
}

#[test]
fn a_series_that_is_known_is_found_without_a_look_at_its_values() {
    static LOOKS: AtomicUsize = AtomicUsize::new(0);
    fn counted(text: &str) -> Cow<'_, str> {
        LOOKS.fetch_add(1, Ordering::Relaxed);
        scrub(text)
    }
    let registry = with_scrub(Limits::default(), counted);
    let requests = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    add(&requests, "8e1b");
    let before = LOOKS.load(Ordering::Relaxed);
    (0..10).for_each(|_| _ = add(&requests, "8e1b"));
    assert_eq!(LOOKS.load(Ordering::Relaxed), before);
}

proptest! {
    #[test]
    fn no_address_is_ever_exposed(
        budget in 1_usize..20,
        tenants in prop::collection::vec("[a-c]{0,2}@?[a-c]{0,300}", 1..60),
    ) {
        let registry = registry(budget);
        let requests = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
        for tenant in &tenants {
            add(&requests, tenant);
        }
        prop_assert!(!registry.render(Format::Classic).contains('@'));
        prop_assert!(requests.series_count() <= budget);
    }
}

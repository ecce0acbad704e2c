//! The governor: no series over the budget, no sample lost.

use kyros_metrics::{Format, Registry};
use kyros_schema::names::metric::HTTP_REQUESTS_TOTAL;
use proptest::prelude::*;

use crate::{registry, registry_of, value};

const OVERLAY: &str = r#"
[label.endpoint]
bound = 40

[label.tenant_id]
bound = 60

[label.colour]
help = "A colour."
bound = 3

[metric.paints_total]
kind = "counter"
help = "Paints."
labels = ["colour"]
"#;

/// The label values that samples with the given ones went to.
fn placed(registry: &Registry, endpoint: &str, tenant: &str) -> (String, String) {
    let series = requests(registry, endpoint, tenant);
    let values: Vec<_> = series.label_values().collect();
    (values[1].to_owned(), values[4].to_owned())
}

fn requests(registry: &Registry, endpoint: &str, tenant: &str) -> kyros_metrics::Series {
    let family = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    family.series(&["kyros-api", endpoint, "GET", "200", tenant])
}

fn pair(endpoint: &str, tenant: &str) -> (String, String) {
    (endpoint.to_owned(), tenant.to_owned())
}

#[test]
fn a_label_over_its_bound_reads_other_and_the_rest_stays() {
    let registry = registry(OVERLAY);
    for tenant in 0..60 {
        let tenant = tenant.to_string();
        assert_eq!(placed(&registry, "/", &tenant), pair("/", &tenant));
    }
    assert_eq!(placed(&registry, "/", "one-more"), pair("/", "_other"));
    assert_eq!(placed(&registry, "/x", "59"), pair("/x", "59"));
    assert_eq!(placed(&registry, "_unmatched", "_none"), pair("_unmatched", "_none"));
}

#[test]
fn over_budget_the_endpoint_collapses_before_the_tenant() {
    let registry = registry_of(64, OVERLAY);
    for at in 0..48 {
        placed(&registry, &format!("/{}", at % 10), &format!("t{}", at / 10));
    }
    assert_eq!(placed(&registry, "/9", "t4"), pair("_other", "t4"));
    assert_eq!(placed(&registry, "/new", "t9"), pair("_other", "t9"));
    assert_eq!(placed(&registry, "/0", "t0"), pair("/0", "t0"));
    for tenant in 10..60 {
        placed(&registry, "/0", &format!("t{tenant}"));
    }
    assert_eq!(placed(&registry, "/0", "t59"), pair("_other", "_other"));
    assert_eq!(placed(&registry, "/new", "t9"), pair("_other", "t9"));
}

#[test]
fn overflow_is_counted_by_sample_and_metric() {
    let registry = registry(OVERLAY);
    let paints = registry.family("paints_total").unwrap();
    for colour in ["red", "green", "blue", "pink", "grey"] {
        let series = paints.series(&[colour]);
        assert_eq!(series.is_overflow(), ["pink", "grey"].contains(&colour));
        series.add(1.0);
        series.add(1.0);
    }
    let text = registry.render(Format::Classic);
    assert_eq!(value(&text, r#"paints_total{colour="_other"}"#), 4.0);
    assert_eq!(value(&text, r#"kyros_series_overflow_total{metric="paints_total"}"#), 4.0);
}

#[test]
fn a_huge_or_short_row_of_values_is_made_to_fit() {
    let registry = registry(OVERLAY);
    let huge = "ü".repeat(500_000);
    let series = requests(&registry, &huge, "t");
    assert_eq!(series.label_values().nth(1).unwrap(), "ü".repeat(128));
    let family = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    let values = family.series(&["a", "b", "c"]);
    assert_eq!(values.label_values().collect::<Vec<_>>(), ["a", "b", "c", "", ""]);
    let values = family.series(&["a", "b", "c", "d", "e", "f"]);
    assert_eq!(values.label_values().collect::<Vec<_>>(), ["a", "b", "c", "d", "e"]);
}

fn total(registry: &Registry) -> f64 {
    let text = registry.render(Format::Classic);
    let samples = text.lines().filter(|line| line.starts_with("http_requests_total{"));
    samples.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn never_over_budget_and_never_a_lost_count(
        budget in 1_usize..80,
        samples in prop::collection::vec((0_u8..70, 0_u8..90, 0_u8..3), 0..600),
    ) {
        let registry = registry_of(budget, OVERLAY);
        let family = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
        for (endpoint, tenant, code) in &samples {
            let values = [endpoint, tenant, code].map(ToString::to_string);
            family.series(&["s", &values[0], "GET", &values[2], &values[1]]).add(1.0);
        }
        prop_assert!(family.budget() <= budget);
        prop_assert!(family.series_count() <= family.budget());
        prop_assert_eq!(total(&registry), f64::from(u32::try_from(samples.len()).unwrap()));
    }

    #[test]
    fn a_series_once_given_is_given_again(
        budget in 1_usize..40,
        samples in prop::collection::vec((0_u8..20, 0_u8..20), 1..200),
    ) {
        let registry = registry_of(budget, OVERLAY);
        for (endpoint, tenant) in &samples {
            let (endpoint, tenant) = (endpoint.to_string(), tenant.to_string());
            let first = placed(&registry, &endpoint, &tenant);
            prop_assert_eq!(&placed(&registry, &endpoint, &tenant), &first);
            if first == (endpoint.clone(), tenant.clone()) {
                prop_assert!(!requests(&registry, &endpoint, &tenant).is_overflow());
            }
        }
    }
}

#[test]
fn a_million_tenants_from_many_threads_stay_within_the_budget() {
    const THREADS: u32 = 8;
    const EACH: u32 = 125_000;
    let registry = registry_of(1_000, OVERLAY);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let registry = &registry;
            scope.spawn(move || {
                let family = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
                for at in 0..EACH {
                    let tenant = (u64::from(thread) << 32 | u64::from(at)).to_string();
                    family.series(&["s", "/", "GET", "200", &tenant]).add(1.0);
                }
            });
        }
    });
    assert!(registry.family(HTTP_REQUESTS_TOTAL).unwrap().series_count() <= 1_000);
    assert_eq!(total(&registry), f64::from(THREADS * EACH));
}

//! The governor's fair share: a tenant that floods a metric leaves room for the others.

use std::collections::{BTreeMap, BTreeSet};

use kyros_metrics::{Family, Registry};
use kyros_schema::names::metric::HTTP_REQUESTS_TOTAL;
use kyros_schema::{Metric, MetricKind};
use proptest::prelude::*;

use crate::registry_of;

const OVERLAY: &str = r#"
[label.endpoint]
bound = 2000

[label.shard]
help = "A shard."
bound = 2000
"#;

/// Places a sample, and tells its label values.
type Place = fn(&Family, tenant: &str, what: u16) -> Vec<String>;

fn by_endpoint(family: &Family, tenant: &str, what: u16) -> Vec<String> {
    let endpoint = format!("/{what}");
    values(family, &["s", &endpoint, "GET", "200", tenant])
}

fn by_code(family: &Family, tenant: &str, what: u16) -> Vec<String> {
    values(family, &["s", "/", &(what / 60).to_string(), &(what % 60).to_string(), tenant])
}

fn by_shard(family: &Family, tenant: &str, what: u16) -> Vec<String> {
    values(family, &[tenant, &what.to_string()])
}

fn values(family: &Family, values: &[&str]) -> Vec<String> {
    let series = family.series(values);
    series.add(1.0);
    series.label_values().map(str::to_owned).collect()
}

fn shards(registry: &Registry) -> Family {
    let labels = vec!["tenant_id".to_owned(), "shard".to_owned()];
    let metric = Metric::own("app_shards_total", MetricKind::Counter, "Shards.", labels);
    registry.register(&metric).unwrap()
}

fn requests(registry: &Registry) -> Family {
    registry.family(HTTP_REQUESTS_TOTAL).unwrap()
}

/// What each tenant has, and what it had when half of the budget was spent.
#[derive(Default)]
struct Tenants {
    has: BTreeMap<String, BTreeSet<Vec<String>>>,
    at_half: BTreeMap<String, usize>,
}

impl Tenants {
    fn take(&mut self, family: &Family, place: Place, tenant: &str, what: u16) -> Vec<String> {
        if family.series_count() < family.budget() / 2 {
            self.at_half = self.has.iter().map(|(name, has)| (name.clone(), has.len())).collect();
        }
        let values = place(family, tenant, what);
        if values.iter().any(|value| value == tenant) {
            self.has.entry(tenant.to_owned()).or_default().insert(values.clone());
        }
        values
    }

    /// Whether each has no more than its share, or than it had before room was tight, and what
    /// more it may have without an endpoint.
    fn check(&self, share: usize, more: usize) {
        for (tenant, has) in &self.has {
            let before = self.at_half.get(tenant).copied().unwrap_or(0) + 1;
            let most = share.max(before) + more;
            assert!(has.len() <= most, "{tenant} has {} of {most}", has.len());
        }
    }
}

fn check(budget: usize, family: fn(&Registry) -> Family, place: Place, samples: &[(u8, u16)]) {
    let registry = registry_of(budget, OVERLAY);
    let family = family(&registry);
    let mut tenants = Tenants::default();
    for (tenant, what) in samples {
        tenants.take(&family, place, &format!("t{tenant}"), *what);
    }
    let share = (budget / 8).max(1);
    let collapses = family.labels().iter().any(|label| label == "endpoint");
    tenants.check(share, if collapses { share } else { 0 });
}

fn samples() -> impl Strategy<Value = Vec<(u8, u16)>> {
    prop::collection::vec((0_u8..6, 0_u16..600), 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_tenant_takes_more_than_its_share(budget in 1_usize..200, samples in samples()) {
        check(budget, requests, by_endpoint, &samples);
        check(budget, requests, by_code, &samples);
        check(budget, shards, by_shard, &samples);
    }

    #[test]
    fn a_small_tenant_that_comes_late_has_what_it_needs(
        budget in 64_usize..400,
        early in 0_u16..4,
        late in 1_u16..8,
    ) {
        let registry = registry_of(budget, OVERLAY);
        let cases: [(Family, Place); 2] =
            [(requests(&registry), by_endpoint), (shards(&registry), by_shard)];
        for (family, place) in cases {
            for what in 0..1_000 {
                place(&family, "flood", what);
                if what < early {
                    place(&family, "early", what);
                }
            }
            for what in 0..late {
                let values = place(&family, "late", what);
                prop_assert!(values.iter().any(|value| value == "late"));
                prop_assert!(values.iter().all(|value| value != "_other"), "{values:?}");
            }
        }
    }
}

#[test]
fn a_tenant_over_its_share_keeps_its_name_where_there_is_something_else_to_give_up() {
    let registry = registry_of(80, OVERLAY);
    let requests = requests(&registry);
    (0..500).for_each(|what| _ = by_endpoint(&requests, "flood", what));
    let last = by_endpoint(&requests, "flood", 500);
    assert_eq!(last, ["s", "_other", "GET", "200", "flood"]);
    let shards = shards(&registry);
    (0..500).for_each(|what| _ = by_shard(&shards, "flood", what));
    assert_eq!(by_shard(&shards, "flood", 500)[0], "_other");
}

#[test]
fn without_a_tenant_or_with_room_for_all_nobody_has_a_share() {
    let registry = registry_of(100, OVERLAY);
    let labels = vec!["shard".to_owned()];
    let metric = Metric::own("app_alone_total", MetricKind::Counter, "Shards.", labels);
    let alone = registry.register(&metric).unwrap();
    let own = (0..75).all(|at| values(&alone, &[&at.to_string()]) == [at.to_string()]);
    assert!(own && alone.series_count() == 75);

    let registry = registry_of(1_000, "[label.tenant_id]\nbound = 4\n");
    let labels = vec!["tenant_id".to_owned(), "kind".to_owned()];
    let metric = Metric::own("app_small_total", MetricKind::Counter, "Kinds.", labels);
    let small = registry.register(&metric).unwrap();
    for at in 0..100 {
        assert_eq!(by_shard(&small, "t", at), ["t".to_owned(), at.to_string()]);
    }
}

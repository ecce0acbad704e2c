//! What registries have to go through with a spoiled arena: join it, use it, be scraped.

use kyros_metrics::{Format, Registry};
use kyros_schema::names::metric::HTTP_REQUESTS_TOTAL;
use kyros_schema::{Metric, MetricKind};

use super::blow::Blow;
use super::judge::wrong;
use super::spoiled::{Spoiled, update};

/// Strikes the arena while one registry has it open, and again when a second one has joined. Both
/// answer with sound expositions all the time.
pub(crate) fn endure(spoiled: &Spoiled, blows: &[Blow]) {
    spoiled.restore();
    let old = spoiled.registry();
    scrape(&old, Format::OpenMetrics);
    let kept = old.family(HTTP_REQUESTS_TOTAL).unwrap();
    let kept = kept.series(&["api", "/me", "GET", "200", "globex"]);
    let (before, after) = blows.split_at(blows.len().div_ceil(2));
    strike(spoiled, before);
    let joined = spoiled.registry();
    for blows in [after, &[]] {
        for registry in [&joined, &old] {
            kept.add(1.0);
            work(registry);
        }
        strike(spoiled, blows);
    }
}

fn strike(spoiled: &Spoiled, blows: &[Blow]) {
    for blow in blows {
        spoiled.strike(blow);
    }
}

/// Everything that changes the arena, and scrapes in between.
fn work(registry: &Registry) {
    update(registry, "acme");
    update(registry, "initech");
    let depth = Metric::own("app_depth", MetricKind::Gauge, "Depth.", vec!["tenant_id".into()]);
    if let Ok(depth) = registry.register(&depth) {
        depth.series(&["globex"]).set(3.0);
    }
    scrape(registry, Format::OpenMetrics);
    let _ = registry.forget_tenant("globex");
    scrape(registry, Format::Classic);
}

fn scrape(registry: &Registry, format: Format) {
    let text = registry.render(format);
    if let Some(wrong) = wrong(&text, format) {
        panic!("{wrong}\n{text}");
    }
}

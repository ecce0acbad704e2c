//! A spoiled arena never fails a scrape: what is unsound is left out and counted.

mod blow;
mod judge;
mod ordeal;
mod spoiled;

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;

use blow::{Blow, Value};
use kyros_metrics::{Format, Registry};
use kyros_schema::names::metric::{
    HTTP_REQUESTS_TOTAL, KYROS_ARENA_UNSOUND_RECORDS, KYROS_ARENA_USED_BYTES,
};
use proptest::prelude::*;
use spoiled::Spoiled;

use crate::parser::{parse, promtool};
use crate::value;

/// Cells of the head and of a record's header.
const END: u8 = 1;
const GIVEN: u8 = 3;
const MARK: u8 = 0;
const STATE: u8 = 1;
const SHAPE: u8 = 3;

#[test]
fn any_blows_are_endured() {
    let spoiled = Spoiled::filled("blows");
    proptest!(ProptestConfig::with_cases(48), |(bytes in prop::collection::vec(any::<u8>(), 0..300))| {
        ordeal::endure(&spoiled, &Blow::all(&bytes));
    });
}

/// What a second registry says that joins after the blows.
fn joined(spoiled: &Spoiled, blows: &[Blow]) -> Registry {
    spoiled.restore();
    let keeper = spoiled.registry();
    for blow in blows {
        spoiled.strike(blow);
    }
    let joined = spoiled.registry();
    drop(keeper);
    joined
}

/// The values of what the application counts, by series.
fn series(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut series: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let ours = |line: &&str| ["http_", "dash_", "app_"].iter().any(|start| line.starts_with(start));
    for line in text.lines().filter(ours) {
        let (sample, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = sample.split_once('{').unwrap();
        let suffixes = ["_bucket", "_sum", "_count"];
        let stem = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
        let labels = labels.split(",le=").next().unwrap().trim_end_matches('}');
        series.entry(format!("{stem}{{{labels}")).or_default().push(value.to_owned());
    }
    series
}

/// Whatever record is struck, at most one series is missing, and somebody says so.
fn check_isolated(name: &str, cell: u8, value: &Value) {
    let spoiled = Spoiled::filled(name);
    let whole = series(&joined(&spoiled, &[]).render(Format::Classic));
    assert_eq!(whole.len(), 9);
    let mut missing = BTreeSet::new();
    for record in 0..spoiled.count() {
        let joined = joined(&spoiled, &[Blow::Header(record, cell, value.clone())]);
        let text = joined.render(Format::Classic);
        assert!(value_of(&text, KYROS_ARENA_UNSOUND_RECORDS) > 0.0, "{record}: {text}");
        let left = series(&text);
        let lost: Vec<_> = whole.iter().filter(|(name, is)| left.get(*name) != Some(*is)).collect();
        assert!(lost.len() <= 1 && left.len() + lost.len() == whole.len(), "{record}: {lost:?}");
        missing.extend(lost.into_iter().map(|(name, _)| name));
    }
    assert_eq!(missing.len(), whole.len());
}

fn value_of(text: &str, name: &str) -> f64 {
    value(text, &format!("{name} "))
}

#[test]
fn a_record_without_its_mark_is_counted_and_no_other_series_is_missing() {
    check_isolated("marks", MARK, &Value::Exactly(0));
}

#[test]
fn a_record_of_another_size_is_counted_and_no_other_series_is_missing() {
    check_isolated("sizes", MARK, &Value::Plus(3));
    check_isolated("sizes", MARK, &Value::Plus(100));
    check_isolated("sizes", MARK, &Value::Plus(-7));
}

#[test]
fn a_record_of_another_shape_is_counted_and_no_other_series_is_missing() {
    check_isolated("shapes", SHAPE, &Value::Exactly(u64::MAX));
}

#[test]
fn a_series_that_died_without_word_is_made_anew_once() {
    let spoiled = Spoiled::filled("states");
    spoiled.restore();
    let registry = spoiled.registry();
    let before = value_of(&registry.render(Format::Classic), KYROS_ARENA_USED_BYTES);
    for record in 0..spoiled.count() {
        spoiled.strike(&Blow::Header(record, STATE, Value::Plus(4)));
    }
    let requests = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    let labels = ["api", "/me", "GET", "200", "acme"];
    (0..100).for_each(|_| requests.series(&labels).add(1.0));
    let text = registry.render(Format::Classic);
    let sample = r#"http_requests_total{service="api",endpoint="/me",method="GET",code="200",tenant_id="acme"}"#;
    assert_eq!(value(&text, sample), 100.0);
    let taken = value_of(&text, KYROS_ARENA_USED_BYTES) - before;
    assert!(taken < before, "{taken} of {before}");
}

#[test]
fn memory_that_was_never_given_is_not_touched() {
    let spoiled = Spoiled::filled("given");
    let registry = joined(
        &spoiled,
        &[Blow::Head(GIVEN, Value::Exactly(8 << 20)), Blow::Head(END, Value::Exactly(4 << 20))],
    );
    registry.render(Format::Classic);
    let taken = std::fs::metadata(&spoiled.path).unwrap().blocks() * 512;
    assert!(taken <= 1 << 20, "{taken} bytes");
}

#[test]
fn a_worker_whose_number_was_overwritten_takes_another() {
    check_number_taken("processes", &Blow::Slot(0, Value::Exactly(0)));
    check_number_taken("starts", &Blow::Slot(1, Value::Plus(1)));
}

fn check_number_taken(name: &str, blow: &Blow) {
    let spoiled = Spoiled::filled(name);
    spoiled.restore();
    let registry = spoiled.registry();
    let lag = registry.family("app_lag_seconds").unwrap().series(&["mail"]);
    lag.set(1.0);
    spoiled.strike(blow);
    registry.render(Format::Classic);
    lag.set(7.0);
    let text = registry.render(Format::Classic);
    assert_eq!(value(&text, r#"app_lag_seconds{queue="mail"}"#), 7.0);
}

/// Independent judges read what a registry with these blows exposes.
fn check_readable(spoiled: &Spoiled, blows: &[Blow]) {
    let registry = joined(spoiled, blows);
    for format in [Format::OpenMetrics, Format::Classic] {
        let text = registry.render(format);
        assert_eq!(judge::wrong(&text, format), None, "{blows:?}\n{text}");
        assert!(!parse(&text, format).is_empty());
    }
    let found = promtool(&registry.render(Format::Classic));
    assert_eq!(found, "", "{blows:?}");
}

#[test]
fn what_is_left_can_be_read() {
    let spoiled = Spoiled::filled("readable");
    let each = |blow: &dyn Fn(u16) -> Blow| (0..spoiled.count()).map(blow).collect::<Vec<_>>();
    let all = |value: u64| {
        let blows = each(&|record| Blow::Values(record, 0, Value::Exactly(value)));
        let more = each(&|record| Blow::Values(record, 1, Value::Exactly(value)));
        [blows, more].concat()
    };
    check_readable(&spoiled, &all(u64::MAX));
    check_readable(&spoiled, &all(1 << 63));
    check_readable(&spoiled, &each(&|record| Blow::Text(record, 0, Value::Flipped(7))));
    check_readable(
        &spoiled,
        &each(&|record| Blow::Text(record, 0, Value::Exactly(0x2022_0a5c_2222_0a5c))),
    );
    check_readable(&spoiled, &each(&Blow::Again));
    check_readable(&spoiled, &each(&|record| Blow::Made(record, b"a\xffb\xffc".to_vec())));
    check_readable(&spoiled, &each(&|record| Blow::Header(record, STATE, Value::Flipped(0))));
    check_readable(&spoiled, &[Blow::Bytes(0, vec![0xa5; 4096])]);
}

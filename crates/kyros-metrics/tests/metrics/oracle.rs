//! Independent oracles read what we write: `prometheus_client` for Python, promtool, and the encoder
//! of prometheus-client for Rust.

use std::collections::BTreeSet;

use kyros_metrics::{Exemplar, Families, Family, Format, Registry};
use kyros_schema::names::metric::{
    DASH_CALLBACK_ERRORS_TOTAL, HTTP_REQUEST_DURATION_SECONDS, HTTP_REQUESTS_TOTAL,
    HTTP_RESPONSE_SIZE_BYTES,
};
use kyros_schema::{Metric, MetricKind};
use prometheus_client::encoding::{prometheus_text, text};
use proptest::prelude::*;

use crate::parser::{parse, promtool};
use crate::registry;

const FORMATS: [Format; 2] = [Format::OpenMetrics, Format::Classic];

fn filled() -> Registry {
    let registry = registry("");
    let family = |name| registry.family(name).unwrap();
    let exemplar = Exemplar { trace_id: [0xab; 16], unix_ms: 1_764_000_000_123 };
    for (tenant, seconds) in [("acme", 0.3), ("globex", 0.000_000_001), ("_none", 12.5)] {
        let labels = ["kyros-api", "/api/me", "GET"];
        let requests = family(HTTP_REQUESTS_TOTAL);
        requests
            .series(&[labels[0], labels[1], labels[2], "200", tenant])
            .add_with(3.0, Some(exemplar));
        let duration = family(HTTP_REQUEST_DURATION_SECONDS);
        duration
            .series(&[labels[0], labels[1], labels[2], tenant])
            .observe_with(seconds, Some(exemplar));
        family(HTTP_RESPONSE_SIZE_BYTES).series(&[labels[0], labels[1], tenant]).observe(512.0);
        family(DASH_CALLBACK_ERRORS_TOTAL).series(&["clv", "out.children", tenant]).add(1.0);
    }
    registry
}

#[test]
fn the_python_parsers_read_every_sample() {
    let registry = filled();
    for format in FORMATS {
        let text = registry.render(format);
        let lines = text.lines().filter(|line| !line.starts_with('#')).count();
        let read = parse(&text, format);
        assert_eq!(read.iter().filter(|line| line.starts_with("sample ")).count(), lines, "{text}");
        let families = text.lines().filter(|line| line.starts_with("# TYPE ")).count();
        assert_eq!(
            read.iter().filter(|line| line.starts_with("family ")).count(),
            families,
            "{text}"
        );
    }
}

#[test]
fn the_python_parsers_read_values_units_and_exemplars() {
    let registry = filled();
    let open = parse(&registry.render(Format::OpenMetrics), Format::OpenMetrics);
    let trace = "ab".repeat(16);
    let duration = |line: &&String| {
        line.starts_with("sample http_request_duration_seconds_bucket")
            && line.contains("le=302e33 ")
    };
    let acme = open.iter().filter(duration).find(|line| line.contains(&hex("acme"))).unwrap();
    assert!(acme.ends_with(&format!(" 1.0 {trace}/0.3/1764000000.123")), "{acme}");
    let families: Vec<_> = open.iter().filter(|line| line.starts_with("family ")).collect();
    let named = |start: &str| families.iter().any(|line| line.starts_with(start));
    assert!(named("family http_requests counter - "), "{families:?}");
    assert!(named("family http_request_duration_seconds histogram seconds "), "{families:?}");
    assert!(named("family http_response_size_bytes summary bytes "), "{families:?}");
    assert!(named("family process_cpu_seconds counter seconds "), "{families:?}");
}

#[test]
fn promtool_finds_nothing_wrong() {
    let text = filled().render(Format::Classic);
    assert_eq!(promtool(&text), "", "{text}");
}

/// A line that does not depend on how an encoder orders labels and writes numbers. The exemplar is
/// left out, since prometheus-client can't carry ours.
fn normal(line: &str) -> String {
    let number =
        |text: &str| text.parse::<f64>().map_or(text.to_owned(), |value| value.to_string());
    let line = line.split(" # ").next().unwrap();
    let (name, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = name.split_once('{').unwrap_or((name, ""));
    let label = |label: &str| match label.strip_prefix("le=") {
        Some(bound) => format!("le={}", number(bound.trim_matches('"'))),
        None => label.to_owned(),
    };
    let mut labels: Vec<_> = labels.trim_end_matches('}').split(',').map(label).collect();
    labels.sort_unstable();
    format!("{name} {} {}", labels.join(","), number(value))
}

/// Which metric a line speaks of, more or less.
fn subject(line: &str) -> &str {
    line.trim_start_matches("# ").trim_start_matches(|c: char| c.is_ascii_uppercase()).trim_start()
}

fn normals(text: &str) -> Vec<String> {
    let apart = ["http_response_size_bytes", "process_"];
    let compared = |line: &&str| !apart.iter().any(|name| subject(line).starts_with(name));
    let mut lines: Vec<_> = text.lines().filter(compared).map(normal).collect();
    lines.sort();
    lines
}

#[test]
fn prometheus_client_writes_the_same() {
    let registry = filled();
    for format in FORMATS {
        let ours = normals(&registry.render(format));
        let carried = |family: &Family| family.kind() != MetricKind::Summary;
        let families = registry.families().into_iter().filter(carried).collect();
        let mut theirs = prometheus_client::registry::Registry::default();
        theirs.register_collector(Box::new(Families(families)));
        let mut text = String::new();
        match format {
            Format::OpenMetrics => text::encode(&mut text, &theirs).unwrap(),
            Format::Classic => prometheus_text::encode(&mut text, &theirs).unwrap(),
        }
        assert!(ours.len() > 60);
        for (ours, theirs) in ours.iter().zip(normals(&text)) {
            assert_eq!(*ours, theirs);
        }
        assert_eq!(ours.len(), normals(&text).len());
    }
}

#[test]
fn help_comes_back_as_it_was() {
    const HELP: &str = "A \"quoted\" \\ help\nof \\n two lines; \u{fc}";
    let registry = registry("");
    registry.register(&Metric::own("app_odd", MetricKind::Gauge, HELP, Vec::new())).unwrap();
    for format in FORMATS {
        let read = parse(&registry.render(format), format);
        let family = format!("family app_odd gauge - {}", hex(HELP));
        assert!(read.contains(&family), "{format:?}");
    }
}

/// Label values with what parsers trip over, now and then.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\\".to_owned()),
        Just("\"".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\\n".to_owned()),
        Just("\",x=\"".to_owned()),
        Just("\"} 1\n# EOF\n".to_owned()),
        Just(" # {trace_id=\"a\"} 1".to_owned()),
        Just("\u{0}".to_owned()),
        Just("\u{2028}\u{85}".to_owned()),
        any::<char>().prop_map(String::from),
        "[a-z{}=,# ]{0,6}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn hostile_label_values_come_back_as_they_were(
        values in prop::collection::btree_set((hostile(), hostile()), 1..60),
    ) {
        let registry = registry("");
        let errors = registry.family(DASH_CALLBACK_ERRORS_TOTAL).unwrap();
        for (app, tenant) in &values {
            errors.series(&[app, "c", tenant]).add(1.0);
        }
        let mut expected: Vec<_> = placed(&errors, &values).into_iter().collect();
        expected.sort();
        expected.dedup();
        for format in FORMATS {
            let read = parse(&registry.render(format), format);
            let start = "sample dash_callback_errors_total ";
            let samples = read.iter().filter_map(|line| line.strip_prefix(start));
            let labels = |sample: &str| sample.splitn(4, ' ').take(3).collect::<Vec<_>>().join(" ");
            let mut samples: Vec<_> = samples.map(labels).collect();
            samples.sort();
            prop_assert_eq!(&samples, &expected);
        }
    }
}

/// The labels of the series that the governor gave, as the parser's script prints them.
fn placed(errors: &Family, values: &BTreeSet<(String, String)>) -> Vec<String> {
    let labels = |(app, tenant): &(String, String)| {
        let series = errors.series(&[app, "c", tenant]);
        let values: Vec<_> = series.label_values().map(hex).collect();
        format!("app_slug={} callback=63 tenant_id={}", values[0], values[2])
    };
    values.iter().map(labels).collect()
}

pub(crate) fn hex(text: &str) -> String {
    text.bytes().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect()
}

fn digit(four_bits: u8) -> char {
    char::from_digit(four_bits.into(), 16).unwrap()
}

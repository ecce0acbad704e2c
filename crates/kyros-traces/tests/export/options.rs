//! What the environment says.

use crate::sample::{Variables, options};

const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");

#[test]
fn spans_are_exported_where_an_endpoint_is_named() {
    let check = |variables: Variables<'_>, expected: bool| {
        assert_eq!(options(variables).unwrap().is_some(), expected, "{variables:?}");
    };
    check(&[], false);
    check(&[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")], false);
    check(&[ENDPOINT], true);
    check(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://[::1]:4318/custom")], true);
    check(&[ENDPOINT, ("OTEL_SDK_DISABLED", "True")], false);
    check(&[ENDPOINT, ("OTEL_SDK_DISABLED", "false")], true);
    check(&[ENDPOINT, ("OTEL_TRACES_EXPORTER", "none")], false);
    check(&[ENDPOINT, ("OTEL_TRACES_EXPORTER", "console,otlp")], true);
    check(&[ENDPOINT, ("OTEL_TRACES_EXPORTER", "console")], false);
    // What is off can't be wrong.
    check(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")], false);
    let grpc = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc");
    check(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"), grpc], true);
}

#[test]
fn problems_say_what_to_write() {
    let check = |name: &str, value: &str, expected: &str| {
        let variables = if name == ENDPOINT.0 { vec![] } else { vec![ENDPOINT] };
        let problem = options(&[variables, vec![(name, value)]].concat()).unwrap_err();
        assert!(problem.starts_with(&format!("variable `{name}`: {expected}")), "{problem}");
        assert!(problem.contains("\n  hint: "), "{problem}");
    };
    check("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "no address of a receiver: ");
    check("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://collector", "no address of a receiver: ");
    check("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "no such protocol: http/json");
    check("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "udp", "no such protocol: udp");
    check("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "no such compression: zstd");
    check("OTEL_EXPORTER_OTLP_TIMEOUT", "soon", "no such number: soon");
    check("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem", "can't read the certificate: ");
    check("OTEL_EXPORTER_OTLP_HEADERS", "opaque", "no list of headers: (secret)");
    check("OTEL_EXPORTER_OTLP_HEADERS", "a b=opaque", "no list of headers: (secret)");
    check("OTEL_RESOURCE_ATTRIBUTES", "opaque", "no list of attributes: (secret)");
    check("OTEL_TRACES_SAMPLER", "sometimes", "no such sampler: sometimes");
    check("OTEL_BSP_MAX_QUEUE_SIZE", "0", "no such number: 0");
    check("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4096", "a batch is larger than the queue: 4096");
}

#[test]
fn all_problems_are_told_at_once() {
    let problems = options(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "2"),
        ("OTEL_BSP_SCHEDULE_DELAY", "-1"),
    ]);
    assert_eq!(problems.unwrap_err().matches("\n  hint: ").count(), 4);
}

#[test]
fn secrets_are_in_no_text() {
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=opaque");
    let place = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://me:opaque@collector:4318");
    let read = options(&[place, headers]).unwrap().unwrap();
    assert!(!format!("{read:?}").contains("opaque"));
    let place = ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://me:opaque@collector:4318");
    let problems = options(&[place, headers, ("OTEL_BSP_SCHEDULE_DELAY", "-1")]).unwrap_err();
    assert!(!problems.contains("opaque"), "{problems}");
}

//! What arrives is what was measured.

use std::collections::BTreeMap;

use kyros_traces::{Attribute, Kind, Span, Status, TraceContext, Value, attribute};
use opentelemetry_proto::tonic::trace::v1::{Span as Arrived, span::SpanKind, status::StatusCode};

use crate::receiver::{PROTOCOLS, Receiver, attributes};
use crate::sample::{LONG, exporter, span};

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";

#[test]
fn all_of_a_span_arrives() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start(protocol);
        let exporter = exporter(&receiver, &[]);
        let context = TraceContext::continued(Some(CALLER), Some("rojo=00f067aa0ba902b7"));
        let id = context.span_id;
        exporter.export(request(context));
        assert!(exporter.flush(LONG), "{protocol}: {:?}", exporter.problem());

        let [arrived] = receiver.spans().try_into().unwrap();
        assert_eq!(arrived.trace_id, u128::to_be_bytes(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736));
        assert_eq!(arrived.span_id, id.as_bytes());
        assert_eq!(arrived.parent_span_id, u64::to_be_bytes(0x00f0_67aa_0ba9_02b7));
        assert_eq!(arrived.trace_state, "rojo=00f067aa0ba902b7");
        assert_eq!(arrived.flags, 0x303, "sampled, random, parent in another process");
        assert_eq!(arrived.name, "GET /api/me");
        assert_eq!(arrived.kind(), SpanKind::Server);
        assert_eq!(arrived.start_time_unix_nano, 1_700_000_000_123_456_789);
        assert_eq!(arrived.end_time_unix_nano, 1_700_000_000_123_458_289);
        let status = arrived.status.clone().unwrap();
        assert_eq!((status.code(), status.message.as_str()), (StatusCode::Error, "it broke"));
        let expected = [
            ("http.route", "/api/me"),
            ("http.response.status_code", "500"),
            ("ratio", "0.5"),
            ("retried", "true"),
        ];
        assert_eq!(attributes(&arrived.attributes), table(&expected), "{protocol}");
    }
}

fn request(context: TraceContext) -> Span {
    Span {
        context,
        kind: Kind::Server,
        status: Status::Error("it broke".into()),
        attributes: vec![
            Attribute::text(attribute::HTTP_ROUTE, "/api/me"),
            Attribute::integer(attribute::HTTP_RESPONSE_STATUS_CODE, 500),
            Attribute { name: "ratio", value: Value::Number(0.5) },
            Attribute { name: "retried", value: Value::Flag(true) },
        ],
        ..span("GET /api/me")
    }
}

#[test]
fn a_root_has_no_parent_and_no_error() {
    let receiver = Receiver::start("http/protobuf");
    let exporter = exporter(&receiver, &[]);
    exporter.export(span("root"));
    assert!(exporter.flush(LONG));
    let [arrived] = receiver.spans().try_into().unwrap();
    assert!(arrived.parent_span_id.is_empty());
    assert_eq!(arrived.flags & 0xff, 0x03);
    assert_eq!(arrived.status.unwrap().code(), StatusCode::Unset);
}

#[test]
fn kinds_arrive() {
    let receiver = Receiver::start("http/protobuf");
    let exporter = exporter(&receiver, &[]);
    let kinds = [
        (Kind::Internal, SpanKind::Internal),
        (Kind::Server, SpanKind::Server),
        (Kind::Client, SpanKind::Client),
        (Kind::Producer, SpanKind::Producer),
        (Kind::Consumer, SpanKind::Consumer),
    ];
    for (kind, _) in kinds {
        exporter.export(Span { kind, ..span("kind") });
    }
    assert!(exporter.flush(LONG));
    let arrived: Vec<_> = receiver.spans().iter().map(Arrived::kind).collect();
    assert_eq!(arrived, kinds.map(|(_, kind)| kind));
}

#[test]
fn the_resource_says_who_sends() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start(protocol);
        let variables = [
            ("OTEL_SERVICE_NAME", "another"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=third, k8s.pod.name=api%2D0,team=obs"),
        ];
        let exporter = exporter(&receiver, &variables);
        exporter.export(span("one"));
        assert!(exporter.flush(LONG));
        let [taken] = receiver.taken().try_into().unwrap();
        let [sent] = taken.body.resource_spans.try_into().unwrap();
        let pid = std::process::id().to_string();
        let expected = [
            ("service.name", "kyros-api"),
            ("deployment.environment.name", "test"),
            ("k8s.pod.name", "api-0"),
            ("team", "obs"),
            ("process.pid", &pid),
            ("telemetry.sdk.name", "kyros_obs"),
            ("telemetry.sdk.language", "rust"),
            ("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
        ];
        assert_eq!(attributes(&sent.resource.unwrap().attributes), table(&expected));
        let [scope] = sent.scope_spans.try_into().unwrap();
        assert_eq!(scope.scope.unwrap().name, "kyros_obs");
    }
}

#[test]
fn headers_and_compression_are_sent() {
    for (protocol, encoding) in PROTOCOLS.into_iter().zip(["content-encoding", "grpc-encoding"]) {
        let receiver = Receiver::start(protocol);
        let variables = [
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-all=lost"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key=a%20b, X-Team=obs"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ];
        let exporter = exporter(&receiver, &variables);
        exporter.export(span("one"));
        assert!(exporter.flush(LONG), "{protocol}: {:?}", exporter.problem());
        let [taken] = receiver.taken().try_into().unwrap();
        let header = |name: &str| taken.headers.get(name).map(String::as_str);
        assert_eq!(header("api-key"), Some("a b"), "{protocol}");
        assert_eq!((header("x-team"), header("x-all")), (Some("obs"), None), "{protocol}");
        assert_eq!(header(encoding), Some("gzip"), "{protocol}");
        assert_eq!(receiver.names(), ["one"]);
    }
}

#[test]
fn batches_are_as_large_as_they_may_be() {
    let receiver = Receiver::start("http/protobuf");
    let variables = [("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10"), ("OTEL_BSP_MAX_QUEUE_SIZE", "100")];
    let exporter = exporter(&receiver, &variables);
    (0..25).for_each(|number| exporter.export(span(number.to_string())));
    assert!(exporter.flush(LONG));
    let names: Vec<_> = (0..25).map(|number| number.to_string()).collect();
    assert_eq!(receiver.names(), names);
    let size = |taken: &crate::receiver::Taken| {
        taken.body.resource_spans.iter().map(|one| one.scope_spans[0].spans.len()).sum::<usize>()
    };
    assert!(receiver.taken().iter().all(|taken| size(taken) <= 10));
    assert_eq!(exporter.stats().exported, 25);
}

fn table(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

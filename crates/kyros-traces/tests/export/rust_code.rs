//! `tracing` spans of the SDK's crates.

use std::sync::Arc;

use kyros_traces::{TraceContext, dispatch};
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind, status::StatusCode};

use crate::receiver::{Receiver, attributes};
use crate::sample::{LONG, Variables, exporter};

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// What arrives of the spans that `work` makes, by name.
fn arriving(variables: Variables<'_>, work: impl FnOnce()) -> Vec<Span> {
    let receiver = Receiver::start("http/protobuf");
    let exporter = Arc::new(exporter(&receiver, variables));
    tracing::dispatcher::with_default(&dispatch(Arc::clone(&exporter)), work);
    assert!(exporter.flush(LONG));
    let mut spans = receiver.spans();
    spans.sort_by(|a, b| a.name.cmp(&b.name));
    spans
}

#[test]
fn spans_continue_the_trace_they_are_given() {
    let spans = arriving(&[], || {
        let outer = tracing::info_span!(target: "kyros_audit", "deliver", traceparent = CALLER);
        outer.in_scope(|| {
            let rows = tracing::field::Empty;
            let inner = tracing::info_span!(target: "kyros_audit", "insert", rows, first = true, otel.kind = "client");
            inner.record("rows", 7_u64);
            inner.record("rows", 8_u64);
        });
    });
    let [outer, inner] = spans.try_into().unwrap();
    assert_eq!((outer.name.as_str(), inner.name.as_str()), ("deliver", "insert"));
    assert_eq!((outer.kind(), inner.kind()), (SpanKind::Internal, SpanKind::Client));
    assert_eq!(outer.trace_id, u128::to_be_bytes(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736));
    assert_eq!(outer.parent_span_id, u64::to_be_bytes(0x00f0_67aa_0ba9_02b7));
    assert!(outer.attributes.is_empty(), "{:?}", outer.attributes);
    assert_eq!((&inner.trace_id, &inner.parent_span_id), (&outer.trace_id, &outer.span_id));
    assert!(inner.start_time_unix_nano >= outer.start_time_unix_nano);
    assert!(inner.end_time_unix_nano <= outer.end_time_unix_nano);
    let fields = attributes(&inner.attributes).into_iter().collect::<Vec<_>>();
    assert_eq!(fields, [("first".into(), "true".into()), ("rows".into(), "8".into())]);
}

#[test]
fn an_error_makes_a_span_fail() {
    let spans = arriving(&[], || {
        let span = tracing::info_span!(target: "kyros_audit", "deliver");
        span.in_scope(|| {
            tracing::info!(target: "kyros_audit", "still fine");
            tracing::error!(target: "kyros_audit", "refused, password='correct horse'");
        });
        tracing::error!(target: "kyros_audit", "in no span");
    });
    let status = spans[0].status.clone().unwrap();
    assert_eq!(status.code(), StatusCode::Error);
    assert_eq!(status.message, "refused, password='[redacted:password]'");
    assert!(spans[0].parent_span_id.is_empty());
}

#[test]
fn spans_of_libraries_and_of_other_traces_are_left_out() {
    let spans = arriving(&[("OTEL_TRACES_SAMPLER", "parentbased_always_on")], || {
        tracing::info_span!(target: "hyper::client", "connect").in_scope(|| {
            tracing::info_span!(target: "kyros_audit", "ours").in_scope(|| ());
        });
        let caller = TraceContext { sampled: false, ..TraceContext::new_root() }.to_traceparent();
        tracing::info_span!(target: "kyros_audit", "unsampled", traceparent = caller).in_scope(
            || {
                tracing::info_span!(target: "kyros_audit", "unsampled, too").in_scope(|| ());
            },
        );
    });
    assert_eq!(spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>(), ["ours"]);
}

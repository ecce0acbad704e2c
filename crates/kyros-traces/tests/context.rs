//! Contexts are continued by the rules of W3C Trace Context, level 2.

use std::collections::HashSet;

use kyros_traces::{SpanId, TraceContext, TraceId, TraceState};
use proptest::prelude::*;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

#[test]
fn valid_headers_are_continued() {
    let check = |header: &str, sampled, random| {
        let context = TraceContext::continued(Some(header), None);
        assert_eq!(context.trace_id.to_string(), TRACE, "{header}");
        assert_eq!(context.parent.map(|span| span.to_string()).as_deref(), Some(SPAN));
        assert_eq!((context.sampled, context.random), (sampled, random), "{header}");
        assert_ne!(context.span_id.to_string(), SPAN);
    };
    check(&format!("00-{TRACE}-{SPAN}-01"), true, false);
    check(&format!("00-{TRACE}-{SPAN}-00"), false, false);
    check(&format!("00-{TRACE}-{SPAN}-03"), true, true);
    check(&format!("00-{TRACE}-{SPAN}-fd"), true, false);
    check(&format!(" 00-{TRACE}-{SPAN}-01\t"), true, false);
    check(&format!("cc-{TRACE}-{SPAN}-01"), true, false);
    check(&format!("cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like"), true, false);
}

#[test]
fn anything_else_starts_a_trace() {
    let check = |header: Option<&str>| {
        let context = TraceContext::continued(header, Some("vendor=1"));
        assert_ne!(context.trace_id.to_string(), TRACE, "{header:?}");
        assert_eq!((context.parent, context.tracestate), (None, None), "{header:?}");
        assert!(context.sampled && context.random);
    };
    check(None);
    check(Some(""));
    check(Some("-"));
    check(Some(TRACE));
    check(Some(&format!("ff-{TRACE}-{SPAN}-01")));
    check(Some(&format!("00-{TRACE}-{SPAN}-01-")));
    check(Some(&format!("00-{TRACE}-{SPAN}-01-more")));
    check(Some(&format!("cc-{TRACE}-{SPAN}-01.more")));
    check(Some(&format!("00-{}-{SPAN}-01", TRACE.to_uppercase())));
    check(Some(&format!("00-{TRACE}-{}-01", SPAN.to_uppercase())));
    check(Some(&format!("00-{}-{SPAN}-01", "0".repeat(32))));
    check(Some(&format!("00-{TRACE}-{}-01", "0".repeat(16))));
    check(Some(&format!("00-{TRACE}-{SPAN}-1")));
    check(Some(&format!("00-{TRACE}-{SPAN}-0x")));
    check(Some(&format!("0-{TRACE}-{SPAN}-01")));
    check(Some(&format!("00-{TRACE}0-{SPAN}-01")));
    check(Some(&format!("00_{TRACE}_{SPAN}_01")));
    check(Some("00-é"));
}

#[test]
fn a_child_is_called_from_its_parent() {
    let header = format!("00-{TRACE}-{SPAN}-02");
    let request = TraceContext::continued(Some(&header), Some("vendor=1"));
    let call = request.child();
    assert_eq!((call.trace_id, call.parent), (request.trace_id, Some(request.span_id)));
    assert_ne!(call.span_id, request.span_id);
    assert_eq!(call.tracestate, request.tracestate);
    assert_eq!(call.to_traceparent(), format!("00-{TRACE}-{}-02", call.span_id));
}

#[test]
fn tracestate() {
    let check = |header: &str, kept: Option<&str>| {
        let state = TraceState::parse(header);
        assert_eq!(state.as_ref().map(TraceState::as_str), kept, "{header}");
    };
    check("vendor=1", Some("vendor=1"));
    check(" a=1 ,\tb=2 ,, 0c@d=x y,", Some("a=1,b=2,0c@d=x y"));
    check("", None);
    check(" , ", None);
    check("vendor", None);
    check("=1", None);
    check("vendor=", None);
    check("Vendor=1", None);
    check("vendor=a=b", None);
    check("vendor=é", None);
    check("vendor=a\u{7}", None);
    check("a=1,b=2,a=3", None);
    check(&format!("a={}", "x".repeat(257)), None);
    check(&members(33, 1), None);
    check(&members(32, 1), Some(&members(32, 1)));
    check(&members(32, 30), Some(&members(14, 30)));
    let long = "x".repeat(200);
    check(&format!("a={long},b={long},c=1,d={long}"), Some("c=1"));
}

fn members(count: usize, length: usize) -> String {
    let member = |at| format!("k{at:02}={}", "x".repeat(length));
    (0..count).map(member).collect::<Vec<_>>().join(",")
}

#[test]
fn ids_are_never_repeated_and_all_their_bits_vary() {
    let contexts: Vec<_> = (0..2_000).map(|_| TraceContext::new_root()).collect();
    let traces: HashSet<_> = contexts.iter().map(|one| one.trace_id).collect();
    let spans: HashSet<_> = contexts.iter().map(|one| one.span_id).collect();
    assert_eq!((traces.len(), spans.len()), (2_000, 2_000));
    let bits = contexts.iter().map(|one| u128::from_be_bytes(*one.trace_id.as_bytes()));
    let spans = contexts.iter().map(|one| u64::from_be_bytes(*one.span_id.as_bytes()));
    assert_eq!(bits.clone().fold(0, |all, one| all | one), u128::MAX);
    assert_eq!(bits.fold(u128::MAX, |all, one| all & one), 0);
    assert_eq!(spans.clone().fold(0, |all, one| all | one), u64::MAX);
    assert_eq!(spans.fold(u64::MAX, |all, one| all & one), 0);
}

proptest! {
    #[test]
    fn what_is_written_can_be_read(trace: [u8; 16], span: [u8; 8], flags in 0_u8..4) {
        let ids = TraceId::new(trace).zip(SpanId::new(span));
        let (trace_id, span_id) = ids.expect("chance makes no zeros");
        let header = format!("00-{trace_id}-{span_id}-{flags:02x}");
        let context = TraceContext::continued(Some(&header), None);
        prop_assert_eq!(context.parent, Some(span_id));
        let again = TraceContext { span_id, ..context }.to_traceparent();
        prop_assert_eq!(again, header);
    }

    #[test]
    fn no_header_is_too_strange(parent in "\\PC{0,80}", state in "\\PC{0,600}") {
        let context = TraceContext::continued(Some(&parent), Some(&state));
        let parsed = TraceState::parse(&state);
        prop_assert_eq!(context.to_traceparent().len(), 55);
        prop_assert!(parsed.is_none_or(|state| state.as_str().len() <= 512));
    }
}

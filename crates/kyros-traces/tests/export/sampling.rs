//! Which traces are exported.

use kyros_traces::{Sampler, Span, Stats, TraceContext};
use opentelemetry::trace::{SpanKind, TraceId};
use opentelemetry_sdk::trace::{Sampler as Theirs, SamplingDecision, ShouldSample};
use proptest::prelude::*;

use crate::receiver::Receiver;
use crate::sample::{LONG, exporter, span};

const LOW: &str = "00-4bf92f3577b34da60000000000000001-00f067aa0ba902b7";
const HIGH: &str = "00-4bf92f3577b34da6ffffffffffffffff-00f067aa0ba902b7";

#[test]
fn samplers_decide_by_their_names() {
    let check = |name: &str, caller: &str, expected: bool| {
        let sampler = Sampler::named(name, 0.5).unwrap();
        let context = TraceContext::continued(Some(caller), None);
        assert_eq!(sampler.samples(&context), expected, "{name} {caller}");
    };
    for (caller, sampled) in [("01", true), ("00", false)] {
        let [low, high] = [LOW, HIGH].map(|caller_id| format!("{caller_id}-{caller}"));
        for parent_based in ["always_on", "always_off", "traceidratio"] {
            check(&format!("parentbased_{parent_based}"), &low, sampled);
            check(&format!("parentbased_{parent_based}"), &high, sampled);
        }
        check("always_on", &low, true);
        check("always_off", &low, false);
        check("traceidratio", &low, true);
        check("traceidratio", &high, false);
    }
    assert!(Sampler::named("sometimes", 0.5).is_none());
}

#[test]
fn a_root_is_decided_on_without_a_parent() {
    let check = |name: &str, share: f64, expected: bool| {
        let sampler = Sampler::named(name, share).unwrap();
        assert_eq!(sampler.samples(&TraceContext::new_root()), expected, "{name} {share}");
    };
    check("parentbased_always_on", 0.0, true);
    check("parentbased_always_off", 1.0, false);
    check("parentbased_traceidratio", 1.0, true);
    check("parentbased_traceidratio", 0.0, false);
    assert!(Sampler::default().samples(&TraceContext::new_root()));
}

#[test]
fn spans_of_other_traces_are_not_sent() {
    let receiver = Receiver::start("http/protobuf");
    let exporter = exporter(&receiver, &[("OTEL_TRACES_SAMPLER", "always_off")]);
    let off = exporter.sample(TraceContext::new_root());
    assert!(off.to_traceparent().ends_with("-02"), "whoever is called hears it");
    exporter.export(Span { context: off, ..span("none of its business") });
    exporter.export(span("decided elsewhere"));
    assert!(exporter.flush(LONG));
    assert_eq!(receiver.names(), ["decided elsewhere"]);
    assert_eq!(exporter.stats(), Stats { exported: 1, ..Stats::default() });
}

proptest! {
    #[test]
    fn shares_agree_with_other_sdks(id in 1_u128.., share in 0.0..=1.0) {
        let caller = format!("00-{id:032x}-00f067aa0ba902b7-00");
        let context = TraceContext::continued(Some(&caller), None);
        let ours = Sampler::named("traceidratio", share).unwrap().samples(&context);
        let theirs = Theirs::TraceIdRatioBased(share).should_sample(
            None, TraceId::from(id), "", &SpanKind::Server, &[], &[],
        );
        prop_assert_eq!(ours, theirs.decision == SamplingDecision::RecordAndSample);
    }
}

//! Nothing leaves unredacted.

use kyros_traces::{Attribute, Span, Status};
use proptest::prelude::*;

use crate::receiver::{PROTOCOLS, Receiver};
use crate::sample::{LONG, exporter, span};

/// A token, in parts so that no scanner takes it for a real one.
fn token() -> String {
    ["ghp", "_", "16C7e42F292c6912E7710c838347Ae178B4a"].concat()
}

#[test]
fn a_planted_token_does_not_arrive() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start(protocol);
        let stated = format!("team={}", token());
        let exporter = exporter(&receiver, &[("OTEL_RESOURCE_ATTRIBUTES", &stated)]);
        exporter.export(planted(&token()));
        assert!(exporter.flush(LONG), "{protocol}");
        let arrived = format!("{:?}", receiver.taken());
        assert!(!arrived.contains(&token()), "{protocol}: {arrived}");
        assert!(!arrived.contains("opaque"), "{protocol}: {arrived}");
        assert!(!arrived.contains("ana@"), "{protocol}: {arrived}");
        assert!(arrived.contains("[redacted:"), "{protocol}: {arrived}");
        assert!(arrived.contains("/api/me"), "{protocol}: {arrived}");
    }
}

fn planted(secret: &str) -> Span {
    Span {
        status: Status::Error(format!("can't use {secret}").into()),
        attributes: vec![
            Attribute::text("http.route", "/api/me"),
            Attribute::text("note", format!("key {secret} of ana@client.example")),
            Attribute::text("authorization", "opaque"),
            Attribute::text("padded", format!("{}{secret}", "a ".repeat(2046))),
        ],
        ..span(format!("GET /{secret}"))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn wherever_a_token_stands_it_does_not_arrive(before in ".{0,40}", after in "( .{0,40})?") {
        let receiver = Receiver::start("http/protobuf");
        let exporter = exporter(&receiver, &[]);
        exporter.export(planted(&format!("{before} {}{after}", token())));
        prop_assert!(exporter.flush(LONG));
        let arrived = format!("{:?}", receiver.taken());
        prop_assert!(!arrived.contains(&token()), "{}", arrived);
    }
}

//! The end of an exporter.

use std::time::Duration;

use kyros_traces::Stats;

use crate::receiver::{Answer, PROTOCOLS, Receiver};
use crate::sample::{LONG, exporter, span};

#[test]
fn closing_sends_what_waits() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start(protocol);
        let exporter = exporter(&receiver, &[("OTEL_BSP_SCHEDULE_DELAY", "3600000")]);
        (0..3).for_each(|number| exporter.export(span(number.to_string())));
        assert!(exporter.close(LONG), "{protocol}");
        assert_eq!(receiver.names(), ["0", "1", "2"], "{protocol}");
        exporter.export(span("late"));
        assert_eq!(exporter.stats(), Stats { exported: 3, abandoned: 1, ..Stats::default() });
        assert!(exporter.close(LONG), "{protocol}: again");
    }
}

#[test]
fn closing_gives_up_at_its_deadline() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start(protocol);
        receiver.answer(Answer::Silence);
        let exporter = exporter(&receiver, &[]);
        exporter.export(span("in flight"));
        receiver.wait_asked(1);
        exporter.export(span("in the queue"));
        assert!(!exporter.close(Duration::from_millis(100)), "{protocol}");
        assert_eq!(exporter.stats(), Stats { abandoned: 2, ..Stats::default() }, "{protocol}");
    }
}

#[test]
fn an_exporter_that_nobody_used_closes_at_once() {
    let receiver = Receiver::start("http/protobuf");
    let exporter = exporter(&receiver, &[]);
    assert!(exporter.flush(Duration::MAX));
    assert!(exporter.close(Duration::MAX));
    exporter.export(span("late"));
    assert_eq!(exporter.stats(), Stats { abandoned: 1, ..Stats::default() });
    assert!(receiver.taken().is_empty());
}

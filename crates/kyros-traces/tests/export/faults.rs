//! Receivers that are down, busy or unwilling.

use kyros_traces::Stats;

use crate::receiver::{Answer, PROTOCOLS, Receiver};
use crate::sample::{LONG, exporter, span, to};

#[test]
fn a_receiver_that_is_down_gets_the_spans_when_it_is_up() {
    for protocol in PROTOCOLS {
        let port = free_port();
        let exporter = to(port, protocol, &[], None);
        exporter.export(span("early"));
        assert!(!exporter.flush(std::time::Duration::from_millis(300)), "{protocol}");
        let receiver = Receiver::at(port, protocol);
        assert!(exporter.flush(LONG), "{protocol}: {:?}", exporter.problem());
        assert_eq!(receiver.names(), ["early"], "{protocol}");
        assert_eq!(exporter.stats(), Stats { exported: 1, ..Stats::default() });
    }
}

#[test]
fn a_receiver_that_is_busy_is_asked_again() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start(protocol);
        receiver.answer(Answer::Unavailable);
        let exporter = exporter(&receiver, &[]);
        exporter.export(span("patient"));
        receiver.wait_asked(3);
        receiver.answer(Answer::Take);
        assert!(exporter.flush(LONG), "{protocol}: {:?}", exporter.problem());
        assert_eq!(receiver.names(), ["patient"], "{protocol}");
        assert_eq!(exporter.stats(), Stats { exported: 1, ..Stats::default() });
    }
}

#[test]
fn what_is_refused_is_counted_and_the_next_is_sent() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start(protocol);
        receiver.answer(Answer::Refuse);
        let exporter = exporter(&receiver, &[]);
        exporter.export(span("unwanted"));
        assert!(exporter.flush(LONG), "{protocol}");
        assert_eq!(exporter.stats(), Stats { failed: 1, ..Stats::default() }, "{protocol}");
        assert!(exporter.problem().is_some(), "{protocol}");

        receiver.answer(Answer::Take);
        exporter.export(span("wanted"));
        assert!(exporter.flush(LONG), "{protocol}");
        assert_eq!(receiver.names(), ["wanted"], "{protocol}");
        assert_eq!(exporter.stats(), Stats { failed: 1, exported: 1, ..Stats::default() });
        assert_eq!(exporter.problem(), None, "{protocol}");
    }
}

#[test]
fn what_is_rejected_of_a_batch_is_no_export() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start(protocol);
        let exporter = exporter(&receiver, &[]);
        for (rejected, counted) in [(2, 2), (0, 0), (-7, 0), (99, 3)] {
            let before = exporter.stats();
            receiver.answer(Answer::TakeBut(rejected));
            for name in ["one", "two", "three"] {
                exporter.export(span(name));
            }
            assert!(exporter.flush(LONG), "{protocol}");
            let Stats { exported, rejected, .. } = exporter.stats();
            let both = (exported - before.exported, rejected - before.rejected);
            assert_eq!(both, (3 - counted, counted), "{protocol}");
            let problem = exporter.problem();
            assert_eq!(problem.is_some(), counted > 0, "{protocol}: {problem:?}");
            assert!(!problem.unwrap_or_default().contains("hunter2"), "{protocol}");
        }
    }
}

#[test]
fn a_receiver_that_says_nothing_is_given_up() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start(protocol);
        receiver.answer(Answer::Silence);
        let exporter = exporter(&receiver, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "200")]);
        exporter.export(span("unheard"));
        assert!(exporter.flush(LONG), "{protocol}");
        assert_eq!(exporter.stats(), Stats { failed: 1, ..Stats::default() }, "{protocol}");
        receiver.answer(Answer::Take);
    }
}

#[test]
fn a_connection_that_breaks_is_made_anew() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start(protocol);
        let exporter = exporter(&receiver, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "300")]);
        for name in ["first", "second"] {
            exporter.export(span(name));
            assert!(exporter.flush(LONG), "{protocol}");
            receiver.answer(Answer::Silence);
            exporter.export(span("unheard"));
            assert!(exporter.flush(LONG), "{protocol}");
            receiver.answer(Answer::Take);
        }
        let names = receiver.names();
        let heard: Vec<_> = names.iter().filter(|name| *name != "unheard").collect();
        assert_eq!(heard, ["first", "second"], "{protocol}");
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

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

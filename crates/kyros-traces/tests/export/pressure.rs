//! More spans than the queue holds.

use std::sync::{Arc, Mutex};
use std::thread;

use kyros_traces::{Observer, Stats};

use crate::receiver::{Answer, PROTOCOLS, Receiver};
use crate::sample::{LONG, exporter, observed, span};

const SMALL: [(&str, &str); 2] =
    [("OTEL_BSP_MAX_QUEUE_SIZE", "8"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4")];

#[test]
fn a_full_queue_drops_and_counts_and_nobody_waits() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start(protocol);
        receiver.answer(Answer::Silence);
        let exporter = exporter(&receiver, &SMALL);
        exporter.export(span("first"));
        receiver.wait_asked(1);
        // The receiver says nothing, so that this would never end if it waited for room.
        (0..1000).for_each(|number| exporter.export(span(number.to_string())));
        assert_eq!(exporter.stats(), Stats { dropped: 992, ..Stats::default() }, "{protocol}");

        receiver.answer(Answer::Take);
        assert!(exporter.flush(LONG), "{protocol}");
        let kept = ["first", "0", "1", "2", "3", "4", "5", "6", "7"];
        assert_eq!(receiver.names(), kept, "{protocol}");
        let stats = Stats { exported: 9, dropped: 992, ..Stats::default() };
        assert_eq!(exporter.stats(), stats, "{protocol}");
    }
}

#[test]
fn every_span_of_every_thread_is_in_one_count() {
    let receiver = Receiver::start("http/protobuf");
    let told = Arc::new(Mutex::new(Stats::default()));
    let observer = {
        let told = Arc::clone(&told);
        Observer::new(move |before, now| {
            let mut told = told.lock().unwrap();
            assert_eq!(*told, *before, "each difference is told once");
            *told = *now;
        })
    };
    let exporter = observed(&receiver, &SMALL, Some(observer));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..2000).for_each(|_| exporter.export(span("one"))));
        }
    });
    assert!(exporter.close(LONG));
    let Stats { exported, dropped, failed, abandoned, .. } = exporter.stats();
    assert_eq!(exported + dropped, 8000);
    assert_eq!((failed, abandoned), (0, 0));
    assert_eq!(receiver.names().len(), usize::try_from(exported).unwrap());
    assert_eq!(*told.lock().unwrap(), exporter.stats());
}

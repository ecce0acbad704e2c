//! Exporters after a fork.

use kyros_traces::Stats;

use crate::receiver::{Answer, PROTOCOLS, Receiver};
use crate::sample::{LONG, exporter, span};

#[test]
fn a_forked_child_has_a_queue_of_its_own() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start(protocol);
        receiver.answer(Answer::Silence);
        let exporter = exporter(&receiver, &[]);
        exporter.export(span("of the parent"));
        receiver.wait_asked(1);
        exporter.export(span("of the parent, too"));
        exporter.after_fork();
        assert_eq!(exporter.stats(), Stats::default(), "{protocol}: nothing of the parent");
        receiver.answer(Answer::Take);
        exporter.export(span("of the child"));
        assert!(exporter.flush(LONG), "{protocol}: {:?}", exporter.problem());
        assert_eq!(exporter.stats(), Stats { exported: 1, ..Stats::default() }, "{protocol}");
        assert!(receiver.names().contains(&"of the child".to_owned()), "{protocol}");
    }
}

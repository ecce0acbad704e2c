//! The thread begins with the first span. Alone in its process, whose threads it counts.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use kyros_redact::Redactor;
use kyros_schema::Schema;
use kyros_traces::{Exporter, Kind, Options, Span, Status, TraceContext};

#[test]
fn no_thread_is_started_before_the_first_span() {
    let endpoint = |name: &str| {
        (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| "http://127.0.0.1:9".to_owned())
    };
    let options = Options::read(endpoint, "kyros-api", "test").unwrap().unwrap();
    let exporter = Exporter::new(options, Redactor::of(Schema::embedded()), None);
    let before = threads();
    exporter.stats();
    exporter.publish();
    assert_eq!(threads(), before);
    let unsampled = TraceContext { sampled: false, ..TraceContext::new_root() };
    exporter.export(span(unsampled));
    assert_eq!(threads(), before);
    exporter.export(span(TraceContext::new_root()));
    assert_eq!(threads(), before + 1);
    exporter.export(span(TraceContext::new_root()));
    assert_eq!(threads(), before + 1);
}

fn span(context: TraceContext) -> Span {
    Span {
        context,
        name: "one".into(),
        kind: Kind::Internal,
        start: std::time::SystemTime::now(),
        duration: std::time::Duration::ZERO,
        status: Status::Unset,
        attributes: Vec::new(),
    }
}

fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

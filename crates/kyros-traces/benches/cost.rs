//! What a span costs the request it is of: made, and handed over.
//!
//! Medians count. Prints one line per measurement, `name<TAB>value`. Run by
//! `cargo bench -p kyros-traces`.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(clippy::print_stdout, reason = "what it measured is what it is for")]

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use kyros_redact::Redactor;
use kyros_schema::Schema;
use kyros_traces::{Attribute, Exporter, Kind, Options, Span, Status, TraceContext, attribute};

const ROUNDS: usize = 21;
const SPANS: u32 = 20_000;

fn main() {
    let context = TraceContext::new_root();
    let rounds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let made = timed(|| drop(black_box(span(&context))));
            let roomy = exporter("1000000");
            let handed_over = timed(|| roomy.export(span(&context)));
            let full = exporter("1");
            let dropped = timed(|| full.export(span(&context)));
            [made, handed_over, dropped]
        })
        .collect();
    for (at, name) in ["made", "made_and_handed_over", "made_and_dropped"].iter().enumerate() {
        let mut times: Vec<_> = rounds.iter().map(|round| round[at]).collect();
        times.sort();
        let each = times[ROUNDS / 2].as_secs_f64() * 1e9 / f64::from(SPANS);
        println!("span_{name}_ns\t{each:.0}");
    }
}

fn timed(mut work: impl FnMut()) -> Duration {
    let begun = Instant::now();
    (0..SPANS).for_each(|_| work());
    begun.elapsed()
}

/// An exporter whose receiver is down, so that the queue fills.
fn exporter(room: &str) -> Exporter {
    let variable = |name: &str| match name {
        "OTEL_EXPORTER_OTLP_ENDPOINT" => Some("http://127.0.0.1:9".to_owned()),
        "OTEL_BSP_MAX_QUEUE_SIZE" => Some(room.to_owned()),
        _ => None,
    };
    let options = Options::read(variable, "kyros-api", "bench").unwrap().unwrap();
    Exporter::new(options, Redactor::of(Schema::embedded()), None)
}

/// The span of a request, as the measurement makes it.
fn span(context: &TraceContext) -> Span {
    Span {
        context: context.clone(),
        name: format!("{} {}", "GET", "/api/items/{item_id}").into(),
        kind: Kind::Server,
        start: SystemTime::now(),
        duration: Duration::from_millis(7),
        status: Status::Unset,
        attributes: vec![
            Attribute::text(attribute::HTTP_REQUEST_METHOD, "GET".to_owned()),
            Attribute::integer(attribute::HTTP_RESPONSE_STATUS_CODE, 200),
            Attribute::integer(attribute::HTTP_RESPONSE_BODY_SIZE, 512),
            Attribute::text(attribute::HTTP_ROUTE, "/api/items/{item_id}".to_owned()),
            Attribute::text(
                attribute::TENANT_ID,
                "8e1b3d5b-0c0f-4a51-9c3c-4f4b5b2c9f10".to_owned(),
            ),
            Attribute::text(attribute::TENANT_SLUG, "client-a".to_owned()),
        ],
    }
}

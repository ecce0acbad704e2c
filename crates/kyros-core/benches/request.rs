//! What one request costs, all of it: begun, answered, and ended with what the name says.
//!
//! Prints one line per measurement, `name<TAB>value`, in nanoseconds; the median of rounds counts.
//! Each is taken in a process of its own, whose access lines go to `/dev/null`. Run by `make bench`.
//! With a name and a number it does so many requests and prints nothing, for whoever counts
//! instructions: `make instructions`.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what it measured is what it is for"
)]

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use kyros_core::{Endpoint, Identity, Runtime, Settings};

const ROUNDS: usize = 21;
const REQUESTS: u32 = 5_000;

const METRICS: &str = "request_metrics";
const LINE: &str = "request_line";
const IDENTITY: &str = "request_identity";
const SPAN: &str = "request_span";

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    match arguments.as_slice() {
        [] => [METRICS, LINE, IDENTITY, SPAN].into_iter().for_each(apart),
        [name] => eprint!("{}", nanoseconds(name)),
        [name, count, ..] => {
            let runtime = runtime(name);
            (0..count.parse().unwrap()).for_each(|_| request(&runtime, name));
        }
    }
}

/// Measures in a process of its own, which says what it found where no access line goes.
fn apart(name: &str) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let measured = command.arg(name).stdout(Stdio::null()).output().unwrap();
    println!("{name}_ns\t{}", String::from_utf8(measured.stderr).unwrap());
}

fn nanoseconds(name: &str) -> u128 {
    let runtime = runtime(name);
    let mut rounds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            (0..REQUESTS).for_each(|_| request(&runtime, name));
            begun.elapsed().as_nanos() / u128::from(REQUESTS)
        })
        .collect();
    rounds.sort_unstable();
    rounds[ROUNDS / 2]
}

fn runtime(name: &str) -> Arc<Runtime> {
    let spool = std::env::temp_dir().join(format!("kyros-bench-{}", std::process::id()));
    let settings = [
        ("service", "bench"),
        ("spool_dir", spool.to_str().unwrap()),
        ("logs", if name == METRICS { "false" } else { "true" }),
        ("pii_key", "a key for nothing but benchmarks"),
    ];
    // Spans are made and handed over; what a thread does with them later is not the request's.
    let receiver = |variable: &str| match variable {
        "OTEL_EXPORTER_OTLP_ENDPOINT" if name == SPAN => Some("http://127.0.0.1:9".to_owned()),
        "OTEL_BSP_MAX_QUEUE_SIZE" | "OTEL_BSP_MAX_EXPORT_BATCH_SIZE" => Some("1000000".to_owned()),
        "OTEL_BSP_SCHEDULE_DELAY" => Some("3600000".to_owned()),
        _ => None,
    };
    let settings = Settings::resolve(settings).unwrap().traced(receiver).unwrap();
    Runtime::start(settings, None).unwrap()
}

fn request(runtime: &Arc<Runtime>, name: &str) {
    let request = runtime.request("GET", None, None);
    if name == IDENTITY || name == SPAN {
        request.context().identify(identity());
    }
    request.started(200);
    request.sent(2, true);
    request.finish(|| Endpoint::Template("/api/items/{item_id}".to_owned()));
}

fn identity() -> Identity {
    Identity {
        tenant_id: Some("8d6f0a1e-0c1d-4f4b-9c2a-5b7d7f7b1c11".to_owned()),
        tenant_slug: None,
        sub: Some("3d6f0a1e-0c1d-4f4b-9c2a-5b7d7f7b1c11".to_owned()),
        email: Some("ana@client.example".to_owned()),
    }
}

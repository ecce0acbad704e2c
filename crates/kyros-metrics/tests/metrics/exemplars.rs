//! Exemplars from many threads are never torn.

use std::sync::atomic::{AtomicUsize, Ordering};

use kyros_metrics::{Exemplar, Format, Registry, Series};
use kyros_schema::names::metric::HTTP_REQUESTS_TOTAL;

use crate::registry;

const WRITERS: u8 = 4;

#[test]
fn an_exemplar_is_one_writers_whole() {
    let registry = registry("");
    let family = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    let series = family.series(&["s", "/", "GET", "200", "t"]);
    let running = AtomicUsize::new(usize::from(WRITERS));
    std::thread::scope(|scope| {
        for writer in 1..=WRITERS {
            let (series, running) = (&series, &running);
            scope.spawn(move || {
                write(series, writer);
                running.fetch_sub(1, Ordering::Relaxed);
            });
        }
        while running.load(Ordering::Relaxed) > 0 {
            check_whole(&registry);
        }
    });
    assert!(check_whole(&registry), "the last writer's exemplar is there");
}

fn write(series: &Series, writer: u8) {
    let exemplar = Exemplar { trace_id: [writer; 16], unix_ms: u64::from(writer) * 1_000 };
    for _ in 0..200_000 {
        series.add_with(f64::from(writer), Some(exemplar));
    }
}

fn check_whole(registry: &Registry) -> bool {
    let text = registry.render(Format::OpenMetrics);
    let line = text.lines().find(|line| line.starts_with("http_requests_total{")).unwrap();
    let Some((_, exemplar)) = line.split_once(" # ") else { return false };
    let whole = (1..=WRITERS).map(|writer| {
        let trace = format!("{writer:02x}").repeat(16);
        format!(r#"{{trace_id="{trace}"}} {writer} {writer}.000"#)
    });
    assert!(whole.into_iter().any(|whole| whole == exemplar), "{exemplar}");
    true
}

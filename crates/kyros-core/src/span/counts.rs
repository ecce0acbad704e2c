//! What became of spans, counted.

use kyros_metrics::Family;
use kyros_traces::{Observer, Stats};

use crate::families::Families;

/// Why spans were dropped.
const QUEUE_FULL: &str = "queue_full";
const EXPORT_FAILED: &str = "export_failed";
const REJECTED: &str = "rejected";
const CLOSED: &str = "closed";

/// What brings the exporter's numbers into their metrics, in each process that counts them.
pub(super) fn observer(families: &Families) -> Observer {
    let (exported, dropped) = (families.spans_exported.clone(), families.spans_dropped.clone());
    let losses: [(&str, Count); 4] = [
        (QUEUE_FULL, |stats| stats.dropped),
        (EXPORT_FAILED, |stats| stats.failed),
        (REJECTED, |stats| stats.rejected),
        (CLOSED, |stats| stats.abandoned),
    ];
    Observer::new(move |before, now| {
        raise(&exported, &[], now.exported - before.exported);
        for (reason, count) in &losses {
            raise(&dropped, &[reason], count(now) - count(before));
        }
    })
}

/// One of the counts.
type Count = fn(&Stats) -> u64;

fn raise(family: &Family, labels: &[&str], more: u64) {
    if more > 0 {
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
        family.series(labels).add(more as f64);
    }
}

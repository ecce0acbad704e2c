//! How many spans wait, and how long.

use std::time::Duration;

use super::Environment;

/// The limits of the queue and of its batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Spans that wait at most.
    pub(crate) queue: usize,
    /// Spans in one request at most.
    pub(crate) batch: usize,
    /// Time from a span to its request.
    pub(crate) delay: Duration,
    /// Time that one request may take, repetitions among it.
    pub(crate) export: Duration,
}

/// The largest queue: some 200 MB.
const MOST: u64 = 1 << 20;

impl Limits {
    pub(super) fn read(variables: &mut Environment<'_>) -> Self {
        let mut number = |name: &str, default, most| {
            variables.number(&format!("OTEL_BSP_{name}"), default, most)
        };
        let queue = number("MAX_QUEUE_SIZE", 2048, MOST);
        let batch = number("MAX_EXPORT_BATCH_SIZE", 512.min(queue), MOST);
        let delay = number("SCHEDULE_DELAY", 5000, u64::from(u32::MAX));
        let export = number("EXPORT_TIMEOUT", 30_000, u64::from(u32::MAX));
        if batch > queue {
            let hint = "make it no larger than `OTEL_BSP_MAX_QUEUE_SIZE`";
            let (name, batch) = ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", batch.to_string());
            variables.refuse(name, "a batch is larger than the queue", &batch, hint);
        }
        Self {
            queue: usize::try_from(queue).unwrap_or_default(),
            batch: usize::try_from(batch).unwrap_or_default(),
            delay: Duration::from_millis(delay),
            export: Duration::from_millis(export),
        }
    }
}

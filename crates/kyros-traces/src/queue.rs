//! The spans that wait, and who is told of them.

use crossbeam_queue::ArrayQueue;
use tokio::sync::Notify;

use crate::partial::Rejection;
use crate::stats::Counters;
use crate::{Observer, Options, Span};

/// What the threads that measure share with the one that sends. Taking a span needs no lock and
/// waits for nobody.
pub(crate) struct Queue {
    spans: ArrayQueue<Span>,
    batch: usize,
    pub(crate) counters: Counters,
    /// There is a batch, or somebody waits for what there is.
    pub(crate) wake: Notify,
    pub(crate) stop: Notify,
}

/// A batch on its way. What is not settled when it ends is nobody's any more.
pub(crate) struct Batch<'a> {
    counters: &'a Counters,
    unsettled: u64,
}

impl Queue {
    pub(crate) fn new(options: &Options, observer: Option<Observer>) -> Self {
        Self {
            spans: ArrayQueue::new(options.limits.queue),
            batch: options.limits.batch,
            counters: Counters::new(observer),
            wake: Notify::new(),
            stop: Notify::new(),
        }
    }

    /// Takes a span, or counts it where there is no room.
    pub(crate) fn push(&self, span: Span) {
        if self.spans.push(span).is_err() {
            return self.counters.drop_one();
        }
        self.counters.accept();
        if self.spans.len() >= self.batch {
            self.wake.notify_one();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The oldest spans, as many as a batch holds.
    pub(crate) fn take(&self) -> (Vec<Span>, Batch<'_>) {
        let spans: Vec<_> = std::iter::from_fn(|| self.spans.pop()).take(self.batch).collect();
        let batch = Batch { counters: &self.counters, unsettled: spans.len() as u64 };
        (spans, batch)
    }

    /// Gives up what nobody is left to send.
    pub(crate) fn abandon(&self) {
        let left = std::iter::from_fn(|| self.spans.pop()).count();
        if left > 0 {
            self.counters.abandon(left as u64);
        }
    }
}

impl Batch<'_> {
    /// Notes how it ended: taken, but for what was rejected, or not delivered.
    pub(crate) fn settle(mut self, sent: Result<Option<Rejection>, String>) {
        let count = std::mem::take(&mut self.unsettled);
        match sent {
            Ok(None) => self.counters.export(count),
            Ok(Some(Rejection { spans, message })) => {
                let rejected = spans.min(count);
                self.counters.export(count - rejected);
                self.counters.reject(rejected, message);
            }
            Err(problem) => self.counters.fail(count, problem),
        }
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if self.unsettled > 0 {
            self.counters.abandon(self.unsettled);
        }
    }
}

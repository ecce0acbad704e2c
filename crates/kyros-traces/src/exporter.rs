//! The exporter as its users see it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kyros_redact::Redactor;

use crate::process::{Process, Setup};
use crate::{Observer, Options, Span, Stats, TraceContext};

/// How long stopping the thread may take, whatever the deadline.
const GRACE: Duration = Duration::from_millis(200);
/// As good as for ever.
const LONGEST: Duration = Duration::from_secs(1 << 32);

/// Takes finished spans and sends them in the background.
///
/// It may be shared by threads, and survives a fork: the child has a queue, numbers and a thread of
/// its own. No thread is started before the first span. Dropping it stops the thread without
/// waiting.
pub struct Exporter {
    setup: Setup,
    process: Process,
}

impl Exporter {
    /// An exporter whose spans pass this redactor.
    pub fn new(options: Options, redactor: Redactor, observer: Option<Observer>) -> Self {
        let setup = Setup { options: Arc::new(options), redactor, observer };
        Self { process: Process::new(&setup), setup }
    }

    /// The context as this exporter's sampler decides on it. To be asked where a trace is entered:
    /// what is called from there has to hear the same.
    #[must_use]
    pub fn sample(&self, context: TraceContext) -> TraceContext {
        TraceContext { sampled: self.setup.options.sampler.samples(&context), ..context }
    }

    /// Takes a span of a sampled trace; one of another is none of its business. Never waits: where
    /// the queue is full the span is dropped, and counted.
    pub fn export(&self, span: Span) {
        if span.context.sampled {
            self.process.newest().export(span, &self.setup);
        }
    }

    /// What was done since this process started.
    pub fn stats(&self) -> Stats {
        self.process.current(&self.setup).stats()
    }

    /// Tells the observer how things stand.
    pub fn publish(&self) {
        self.process.current(&self.setup).publish();
    }

    /// What keeps spans from the receiver, if anything does.
    pub fn problem(&self) -> Option<String> {
        self.process.current(&self.setup).problem()
    }

    /// Sends what waits, and waits until it has arrived or is refused; false when the time was up
    /// before.
    pub fn flush(&self, deadline: Duration) -> bool {
        self.process.current(&self.setup).flush(end(deadline))
    }

    /// Flushes for at most that time, then stops the thread. What is left is given up, and counted,
    /// and so are spans that come later. True when nothing was left.
    pub fn close(&self, deadline: Duration) -> bool {
        let process = self.process.current(&self.setup);
        let until = end(deadline);
        let settled = process.flush(until);
        process.close(until.max(Instant::now() + GRACE));
        settled
    }

    /// Gives a forked child its own part. A child has to call it before its first span: to ask the
    /// system for each span which process this is would cost more than all else.
    pub fn after_fork(&self) {
        self.process.succeed(&self.setup);
    }
}

/// The end of a time, which may be longer than clocks can tell.
fn end(deadline: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(deadline).unwrap_or_else(|| now + LONGEST)
}

impl Drop for Exporter {
    fn drop(&mut self) {
        if let Some(process) = self.process.own() {
            process.close(Instant::now());
        }
    }
}

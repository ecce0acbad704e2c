//! The background thread that brings events from the spool to Postgres.

mod backoff;
mod delivery;
mod orphan;
mod session;
mod statement;
mod verdict;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use delivery::Delivery;
pub(crate) use session::Target;
use tokio::runtime::Builder;
use tokio::sync::Notify;
use tracing::Dispatch;
use tracing::dispatcher::with_default;
pub(crate) use verdict::spoken;

use crate::spool::Journal;
use crate::stats::Counters;
use crate::{Error, Options};

/// How long stopping may take: what is in flight is dropped, and is sent again by whoever finds it.
const GRACE: Duration = Duration::from_secs(1);

/// The running thread.
pub(crate) struct Writer {
    signals: Arc<Signals>,
    finished: Receiver<()>,
}

/// What other threads tell the writer.
#[derive(Default)]
struct Signals {
    /// There are events.
    wake: Notify,
    /// Somebody waits: retry now.
    hurry: Notify,
    stop: Notify,
}

impl Writer {
    pub(crate) fn start(
        journal: Arc<Journal>,
        counters: Arc<Counters>,
        target: &Target,
        options: &Options,
    ) -> Result<Self, Error> {
        let signals = Arc::<Signals>::default();
        let delivery = Delivery::new(journal, counters, target, options, Arc::clone(&signals));
        let (finishing, finished) = channel();
        let run = {
            let (signals, measure) = (Arc::clone(&signals), options.measure.clone());
            let measure = measure.unwrap_or_else(Dispatch::none);
            move || with_default(&measure, || run(delivery, &signals, &finishing))
        };
        let thread = thread::Builder::new().name("kyros-audit".to_owned()).spawn(run);
        thread.map_err(|source| Error::Thread { source })?;
        Ok(Self { signals, finished })
    }

    pub(crate) fn wake(&self) {
        self.signals.wake.notify_one();
    }

    pub(crate) fn hurry(&self) {
        self.signals.hurry.notify_one();
    }

    pub(crate) fn stop(self) {
        self.signals.stop.notify_one();
        let _ = self.finished.recv_timeout(GRACE);
    }
}

/// The thread's life. `_finishing` says by its end that it is over.
fn run(delivery: Delivery, signals: &Signals, _finishing: &Sender<()>) {
    let counters = delivery.counters();
    match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(until(delivery.run(), signals.stop.notified())),
        Err(source) => counters.set_problem(Some(Error::Thread { source }.to_string())),
    }
}

/// Works until it is told to stop.
async fn until(work: impl Future<Output = ()>, stop: impl Future<Output = ()>) {
    let (mut work, mut stop) = (pin!(work), pin!(stop));
    poll_fn(|context| {
        let over = stop.as_mut().poll(context).is_ready() || work.as_mut().poll(context).is_ready();
        if over { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

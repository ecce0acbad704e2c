//! The background thread that brings spans to the receiver.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;
use std::{io, thread};

use kyros_redact::Redactor;
use opentelemetry_otlp::SpanExporter as Otlp;
use opentelemetry_sdk::trace::SpanExporter;
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::Options;
use crate::encode::Encoder;
use crate::partial::{Ear, Rejection};
use crate::queue::Queue;
use crate::transport;

/// The running thread.
pub(crate) struct Worker {
    queue: Arc<Queue>,
    finished: Receiver<()>,
}

/// What the thread works with.
struct Delivery {
    queue: Arc<Queue>,
    options: Arc<Options>,
    encoder: Encoder,
    ear: Ear,
}

impl Worker {
    pub(crate) fn start(
        queue: Arc<Queue>,
        options: Arc<Options>,
        redactor: Redactor,
    ) -> io::Result<Self> {
        let (finishing, finished) = channel();
        let encoder = Encoder::new(redactor);
        let delivery =
            Delivery { queue: Arc::clone(&queue), options, encoder, ear: Ear::default() };
        let run = move || delivery.thread(&finishing);
        thread::Builder::new().name("kyros-traces".to_owned()).spawn(run)?;
        Ok(Self { queue, finished })
    }

    /// Stops it, and waits for its end until then.
    pub(crate) fn stop(self, until: Instant) {
        self.queue.stop.notify_one();
        let left = until.saturating_duration_since(Instant::now());
        let _ = self.finished.recv_timeout(left);
    }
}

impl Delivery {
    /// The thread's life. `_finishing` says by its end that it is over.
    fn thread(self, _finishing: &Sender<()>) {
        match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => {
                let life = async {
                    tokio::select! {
                        () = self.run() => {}
                        () = self.queue.stop.notified() => {}
                    }
                };
                self.ear.listen(|| runtime.block_on(life));
                // A look-up of a name that hangs is not waited for.
                runtime.shutdown_background();
            }
            Err(error) => self.queue.counters.set_problem(format!("can't start: {error}")),
        }
    }

    async fn run(&self) {
        let receiver = transport::connect(&self.options, &self.encoder);
        loop {
            let _ = timeout(self.options.limits.delay, self.queue.wake.notified()).await;
            self.drain(receiver.as_ref()).await;
            self.queue.counters.publish();
        }
    }

    /// Sends what waits now. What comes meanwhile waits for more, so that batches stay large.
    async fn drain(&self, receiver: Result<&Otlp, &String>) {
        let mut waiting = self.queue.len();
        while waiting > 0 {
            let (spans, batch) = self.queue.take();
            waiting = waiting.saturating_sub(spans.len().max(1));
            let encoded = spans.into_iter().map(|span| self.encoder.encode(span)).collect();
            let sent = match receiver {
                Ok(receiver) => self.send(receiver, encoded).await,
                Err(problem) => Err(problem.clone()),
            };
            batch.settle(sent);
        }
    }

    async fn send(
        &self,
        receiver: &Otlp,
        spans: Vec<opentelemetry_sdk::trace::SpanData>,
    ) -> Result<Option<Rejection>, String> {
        drop(self.ear.take());
        match timeout(self.options.limits.export, receiver.export(spans)).await {
            Ok(Ok(())) => Ok(self.ear.take().map(|rejection| self.told(rejection))),
            Ok(Err(error)) => Err(self.encoder.clean(error.to_string().into()).into_owned()),
            Err(_) => Err("the receiver doesn't answer in time".to_owned()),
        }
    }

    /// A rejection as the log may say it.
    fn told(&self, Rejection { spans, message }: Rejection) -> Rejection {
        let message = self.encoder.clean(message.into());
        Rejection { spans, message: format!("the receiver has rejected some: {message}") }
    }
}

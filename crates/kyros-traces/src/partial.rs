//! What a receiver says it has not kept of a batch that it took. The exporter library tells that to
//! its own log alone, so that is listened to.

use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::stats::locked;

/// The field that says how many spans there were, and the one that says why.
const REJECTED: &str = "rejected_spans";
const MESSAGE: &str = "error_message";

/// So many spans that were rejected, and the reason that was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) spans: u64,
    pub(crate) message: String,
}

/// Hears of rejections in one thread.
#[derive(Clone, Default)]
pub(crate) struct Ear(Arc<Mutex<Option<Rejection>>>);

impl Ear {
    /// Runs something with the ear open.
    pub(crate) fn listen<T>(&self, run: impl FnOnce() -> T) -> T {
        tracing::subscriber::with_default(Registry::default().with(self.clone()), run)
    }

    /// What was heard since this was asked last.
    pub(crate) fn take(&self) -> Option<Rejection> {
        locked(&self.0).take()
    }
}

impl<S: Subscriber> Layer<S> for Ear {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        *metadata.level() == Level::WARN && metadata.fields().field(REJECTED).is_some()
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut rejection = Rejection::default();
        event.record(&mut rejection);
        *locked(&self.0) = Some(rejection).filter(|rejection| rejection.spans > 0);
    }
}

impl Visit for Rejection {
    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == REJECTED {
            self.spans = u64::try_from(value).unwrap_or_default();
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == MESSAGE {
            value.clone_into(&mut self.message);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

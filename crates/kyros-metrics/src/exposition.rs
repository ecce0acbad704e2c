//! The exposition: all families as one text, in the format the scraper asked for.

mod encode;
mod encoding;
mod negotiate;
mod number;

use prometheus_client::collector::Collector;

use crate::family::Family;
use crate::local::{self, Local, Processes};

pub(crate) use encode::label_pairs;
pub use encoding::{accepts_gzip, gzip};
pub use negotiate::negotiate;

/// A format of the exposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `OpenMetrics` text 1.0, with units and exemplars.
    OpenMetrics,
    /// Prometheus text 0.0.4.
    Classic,
}

impl Format {
    /// The value of `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Classic => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// The answer to a scrape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scrape {
    /// The body, compressed where `content_encoding` says so.
    pub body: Vec<u8>,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The value of `Content-Encoding`, where there is one.
    pub content_encoding: Option<&'static str>,
}

impl Scrape {
    pub(crate) fn of(text: String, format: Format, accept_encoding: Option<&str>) -> Self {
        let content_type = format.content_type();
        if accepts_gzip(accept_encoding) {
            return Self { body: gzip(&text), content_type, content_encoding: Some("gzip") };
        }
        Self { body: text.into_bytes(), content_type, content_encoding: None }
    }
}

/// Writes the families that requests fill, then those that speak of the SDK, then the workers'
/// processes. What can't be written is left out.
pub(crate) fn render(families: &[Family], processes: Processes, format: Format) -> String {
    let mut out = String::with_capacity(64 * 1024);
    let (local, ours): (Vec<_>, Vec<_>) = families.iter().cloned().partition(local::is_local);
    for family in &ours {
        encode::family(family, format, &mut out);
    }
    for family in local {
        append_local(Local(family), format, &mut out);
    }
    append_local(processes, format, &mut out);
    if format == Format::OpenMetrics {
        out.push_str("# EOF\n");
    }
    out
}

fn append_local(collector: impl Collector, format: Format, out: &mut String) {
    let before = out.len();
    if local::render(collector, format, out).is_err() {
        out.truncate(before);
    }
}

//! How far the answer to a request is, and how the request has ended.

use std::time::{Duration, Instant};

/// The status of a request whose client was gone, or which was given up, before there was an answer.
const CLIENT_CLOSED: u16 = 499;
/// The status that servers answer where an application sends nothing.
const FAILED: u16 = 500;

/// What takes no longer after the last body byte is no work of its own.
const SHORTEST_BACKGROUND: Duration = Duration::from_millis(1);

/// What an answer ends in where the application has left it unfinished: that is an error of its own.
pub(crate) const ABORTED: &str = "aborted";
const DISCONNECTED: &str = "disconnected";
const CANCELLED: &str = "cancelled";

/// How an application was left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// It returned.
    #[default]
    Returned,
    /// It raised an error.
    Raised,
    /// It was interrupted: its task was cancelled, or the process is to end.
    Cancelled,
}

#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) route: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) bytes: u64,
    /// Body bytes that the application has read.
    pub(crate) received: u64,
    /// When the first body byte was sent.
    pub(crate) first: Option<Instant>,
    pub(crate) ended: Option<Instant>,
    pub(crate) ending: Ending,
    pub(crate) disconnected: bool,
    pub(crate) finished: bool,
}

impl Progress {
    /// The status, and what kept the whole answer from being sent where something did.
    pub(crate) fn verdict(&self, is_head: bool) -> (u16, Option<&'static str>) {
        match self.status {
            Some(status) if self.ended.is_some() || is_bodiless(is_head, status) => (status, None),
            Some(status) => (status, Some(self.cause())),
            None if self.is_failure() => (FAILED, None),
            None => (CLIENT_CLOSED, Some(self.cause())),
        }
    }

    /// How long the application went on after the last body byte, where that is worth counting.
    pub(crate) fn background(&self, left: Instant) -> Option<Duration> {
        let after = left.saturating_duration_since(self.ended?);
        Some(after).filter(|after| *after > SHORTEST_BACKGROUND)
    }

    /// Takes a message of an answer, unless nothing can reach the client any more.
    pub(crate) fn sent(&mut self, bytes: u64, last: bool) {
        if self.disconnected || self.ended.is_some() {
            return;
        }
        self.bytes = self.bytes.saturating_add(bytes);
        let first = self.first.is_none() && bytes > 0;
        if !first && !last {
            return;
        }
        let now = Instant::now();
        self.first = self.first.or(Some(now));
        self.ended = Some(now).filter(|_| last);
    }

    /// The message that was taken last did not reach the server's client.
    pub(crate) fn refused(&mut self, bytes: Option<u64>) {
        self.disconnected = true;
        self.ended = None;
        match bytes {
            Some(bytes) => self.bytes = self.bytes.saturating_sub(bytes),
            None => self.status = None,
        }
        self.first = self.first.filter(|_| self.bytes > 0);
    }

    /// Whether the application sent nothing although it could, which servers answer themselves.
    fn is_failure(&self) -> bool {
        !self.disconnected && self.ending != Ending::Cancelled
    }

    fn cause(&self) -> &'static str {
        match self.ending {
            _ if self.disconnected => DISCONNECTED,
            Ending::Cancelled => CANCELLED,
            Ending::Returned | Ending::Raised => ABORTED,
        }
    }
}

/// Whether an answer has no body.
pub(crate) fn is_bodiless(is_head: bool, status: u16) -> bool {
    is_head || matches!(status, 100..=199 | 204 | 304)
}

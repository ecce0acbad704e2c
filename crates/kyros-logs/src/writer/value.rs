//! The values of a line. Each says whether its field is written.

use std::fmt::Write;

use kyros_redact::write_string;
use kyros_schema::names::field;

use super::Writer;
use crate::check;
use crate::record::{ErrorData, Http};

/// Bytes of a message.
const LONGEST_MESSAGE: usize = 16 * 1024;
/// Bytes of an exception's message.
const LONGEST_ERROR: usize = 8 * 1024;
/// Bytes of a frame.
const LONGEST_FRAME: usize = 256;
/// Frames of an exception, the innermost ones.
const MOST_FRAMES: usize = 50;
/// Bytes of a route.
const LONGEST_ROUTE: usize = 256;
/// Bytes of an address or a domain.
const LONGEST_ADDRESS: usize = 256;
/// Bytes of names.
const LONGEST_NAME: usize = 128;

impl Writer<'_, '_, '_> {
    pub(super) fn ts(&mut self) -> bool {
        let now = self.now;
        self.print(format_args!("\"{now:.6}\""))
    }

    pub(super) fn level(&mut self) -> bool {
        self.plain(self.record.level.as_str())
    }

    pub(super) fn service(&mut self) -> bool {
        self.out.push_str(&self.encoder.service);
        true
    }

    pub(super) fn env(&mut self) -> bool {
        self.out.push_str(&self.encoder.env);
        true
    }

    pub(super) fn event(&mut self) -> bool {
        self.name(Some(self.record.event))
    }

    pub(super) fn message(&mut self) -> bool {
        match self.record.message {
            Some(message) => self.text(message, LONGEST_MESSAGE),
            None => self.null(),
        }
    }

    pub(super) fn route(&mut self) -> bool {
        let Some(Http { route, .. }) = self.record.http else { return false };
        if route.len() > LONGEST_ROUTE {
            return self.text(route, LONGEST_ROUTE);
        }
        let clean = kyros_redact::route(route, self.findings);
        self.plain(&clean)
    }

    pub(super) fn method(&mut self) -> bool {
        self.record.http.is_some_and(|http| self.plain(check::method(http.method)))
    }

    pub(super) fn status(&mut self) -> bool {
        self.record.http.is_some_and(|http| self.print(format_args!("{}", http.status)))
    }

    pub(super) fn latency(&mut self) -> bool {
        let Some(Http { latency, .. }) = self.record.http else { return false };
        let microseconds = latency.as_micros();
        self.print(format_args!("{}.{:03}", microseconds / 1000, microseconds % 1000))
    }

    pub(super) fn bytes(&mut self) -> bool {
        self.record.http.is_some_and(|http| self.print(format_args!("{}", http.bytes)))
    }

    pub(super) fn id(&mut self, id: Option<&str>) -> bool {
        let id = id.and_then(|id| check::id(id, self.findings));
        self.or_null(id.as_deref())
    }

    pub(super) fn email(&mut self) -> bool {
        let Some(email) = self.record.identity.email else { return false };
        let email = check::email(email, self.findings);
        self.plain(&email)
    }

    pub(super) fn email_hash(&mut self) -> bool {
        let given = self.record.identity.email_hash;
        let hash = given.and_then(|hash| check::hash(hash, self.findings));
        self.or_null(hash)
    }

    pub(super) fn email_domain(&mut self) -> bool {
        let given = self.record.identity.email_domain;
        let domain = given.and_then(|domain| check::domain(domain, self.findings));
        self.or_null(domain)
    }

    pub(super) fn hex(&mut self, id: Option<&str>, digits: usize) -> bool {
        self.or_null(id.and_then(|id| check::hex(id, digits)))
    }

    pub(super) fn name(&mut self, name: Option<&str>) -> bool {
        name.is_some_and(|name| self.text(name, LONGEST_NAME))
    }

    /// An exception as an object of its type, message and frames.
    pub(super) fn error(&mut self) -> bool {
        let Some(ErrorData { kind, message, frames }) = self.record.error else { return false };
        self.out.push_str("{\"type\":");
        self.text(kind, LONGEST_NAME);
        self.print(format_args!(",\"{}\":", field::MESSAGE));
        self.text(message, LONGEST_ERROR);
        self.out.push_str(",\"frames\":[");
        self.frames(frames);
        self.out.push_str("]}");
        true
    }

    pub(super) fn fields(&mut self) -> bool {
        let mut others = self.own.others().peekable();
        let any = others.peek().is_some();
        if any {
            let clean = self.encoder.redactor.json_map(others, self.findings);
            self.out.push_str(clean.as_str());
        }
        any
    }

    pub(super) fn own_field(&mut self, place: usize) -> bool {
        let value = self.own.at(place);
        if let Some(value) = value {
            let clean = self.encoder.redactor.json(value, self.findings);
            self.out.push_str(clean.as_str());
        }
        value.is_some()
    }

    /// The number comes when it is the line's turn.
    pub(super) fn seq(&mut self) -> bool {
        self.number_at = self.out.len();
        true
    }

    fn frames(&mut self, frames: &[String]) {
        let innermost = frames.iter().skip(frames.len().saturating_sub(MOST_FRAMES));
        for (at, frame) in innermost.enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.text(frame, LONGEST_FRAME);
        }
    }

    fn text(&mut self, text: &str, longest: usize) -> bool {
        let redactor = &self.encoder.redactor;
        redactor.write_text(&mut self.out, text, longest, self.findings);
        true
    }

    /// What has been checked.
    fn plain(&mut self, text: &str) -> bool {
        write_string(&mut self.out, text, LONGEST_ADDRESS);
        true
    }

    fn or_null(&mut self, text: Option<&str>) -> bool {
        match text {
            Some(text) => self.plain(text),
            None => self.null(),
        }
    }

    fn null(&mut self) -> bool {
        self.out.push_str("null");
        true
    }

    fn print(&mut self, value: std::fmt::Arguments<'_>) -> bool {
        // Writing to a String doesn't fail.
        self.out.write_fmt(value).is_ok()
    }
}

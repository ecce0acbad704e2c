//! Free text: one pass of one automaton finds where something may be, a detector looks there.

use std::borrow::Cow;

use memchr::memmem;

use crate::class::{Class, marker_at};
use crate::detect;
use crate::findings::Findings;
use crate::key::GRANT;
use crate::redactor::Redactor;

/// Redacting may put new neighbours together; that often it is looked at again.
const MOST_PASSES: usize = 4;
/// As far from one another as parameters of one request may be.
const NEAR: usize = 2 * 1024;

/// A text without its secrets and e-mail addresses. A text that has none is given back as it is.
pub fn text<'t>(text: &'t str, findings: &mut Findings) -> Cow<'t, str> {
    clean(Redactor::plain(), text, findings)
}

/// The same, with the names that a redactor knows.
pub(crate) fn clean<'t>(by: &Redactor, text: &'t str, findings: &mut Findings) -> Cow<'t, str> {
    let mut clean = Cow::Borrowed(text);
    for _ in 0..MOST_PASSES {
        match pass(by, &clean, findings) {
            Some(cleaner) => clean = Cow::Owned(cleaner),
            None => break,
        }
    }
    clean
}

fn pass(by: &Redactor, text: &str, findings: &mut Findings) -> Option<String> {
    let mut found = Found::new(by, text);
    for hit in by.automaton()?.find_overlapping_iter(text) {
        if hit.start() >= found.covered {
            detect::at(&mut found, hit.pattern().as_usize(), hit.start(), hit.end());
        }
    }
    (!found.spans.is_empty()).then(|| found.replaced(findings))
}

/// What has been found in a text so far.
pub(crate) struct Found<'t> {
    /// Knows which names are secret.
    pub(crate) by: &'t Redactor,
    pub(crate) text: &'t str,
    /// Up to here nothing is looked at again.
    pub(crate) covered: usize,
    /// The end of the last at sign.
    pub(crate) floor: usize,
    /// Where OAuth's grants stand, once somebody has asked.
    grants: Option<Vec<usize>>,
    /// The end of the last run of token characters.
    token_end: usize,
    spans: Vec<(usize, usize, Class)>,
}

impl<'t> Found<'t> {
    fn new(by: &'t Redactor, text: &'t str) -> Self {
        Self { by, text, covered: 0, floor: 0, grants: None, token_end: 0, spans: Vec::new() }
    }

    pub(crate) fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// The bytes from `at` on.
    pub(crate) fn from(&self, at: usize) -> &'t [u8] {
        self.bytes().get(at..).unwrap_or_default()
    }

    pub(crate) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Whether OAuth's `grant_type` stands near, so that a `code` is secret.
    pub(crate) fn has_grant_near(&mut self, at: usize) -> bool {
        let bytes = self.bytes();
        let find = || memmem::find_iter(bytes, GRANT.as_bytes()).collect();
        let grants = self.grants.get_or_insert_with(find);
        let next = grants.partition_point(|grant| grant + NEAR < at);
        grants.get(next).is_some_and(|grant| *grant < at + NEAR)
    }

    /// The end of the token characters from `at` on. A run is measured once, however many words in
    /// it ask; they ask in order.
    pub(crate) fn token_end(&mut self, at: usize) -> usize {
        if at >= self.token_end {
            let in_token = |c: &u8| c.is_ascii_alphanumeric() || b"-_.~".contains(c);
            let rest = self.from(at);
            self.token_end = at + rest.iter().position(|c| !in_token(c)).unwrap_or(rest.len());
        }
        self.token_end
    }

    /// Marks a stretch of text for redaction, unless it is a marker already.
    pub(crate) fn add(&mut self, start: usize, end: usize, class: Class) {
        let start = self.text.floor_char_boundary(start.max(self.covered));
        let end = self.text.ceil_char_boundary(end);
        self.covered = self.covered.max(end);
        if start < end && marker_at(self.from(start)) != Some(end - start) {
            self.spans.push((start, end, class));
        }
    }

    fn replaced(mut self, findings: &mut Findings) -> String {
        self.spans.sort_unstable_by_key(|(start, ..)| *start);
        let mut out = String::with_capacity(self.text.len());
        let mut done = 0;
        for (start, end, class) in &self.spans {
            if *start >= done {
                out.push_str(self.slice(done, *start));
                out.push_str(class.marker());
                findings.add(*class);
            }
            done = done.max(*end);
        }
        out.push_str(self.slice(done, self.text.len()));
        out
    }
}

//! Structured values: keys decide first, then every text is scanned, and all of it is bounded.

use std::fmt::Write;

use crate::encoding::{CUT, write_string};
use crate::findings::Findings;
use crate::key;
use crate::redactor::Redactor;
use crate::value::Value;

/// A JSON object, list or value without secrets. [`json()`] alone makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanJson(String);

/// Levels of lists and maps in one another.
const DEEPEST: usize = 8;
/// Items of one list or map.
const MOST_ITEMS: usize = 100;
/// Bytes of a name.
const LONGEST_NAME: usize = 128;
/// Bytes of a text.
const LONGEST_TEXT: usize = 4 * 1024;
/// Bytes after which no item is begun.
const LARGEST: usize = 12 * 1024;

/// Encodes a value without its secrets. What is too deep, too long or too many is left out, with
/// `[truncated]` in its place; the result is at most about 17 KiB.
pub fn json(value: &Value, findings: &mut Findings) -> CleanJson {
    encode(Redactor::plain(), value, findings)
}

pub(crate) fn encode(by: &Redactor, value: &Value, findings: &mut Findings) -> CleanJson {
    let mut writer = Writer { by, out: String::with_capacity(256), findings };
    writer.value(value, 0);
    CleanJson(writer.out)
}

pub(crate) fn encode_map<'v>(
    by: &Redactor,
    entries: impl Iterator<Item = &'v (String, Value)> + Clone,
    findings: &mut Findings,
) -> CleanJson {
    let mut writer = Writer { by, out: String::with_capacity(256), findings };
    writer.map(entries, 0);
    CleanJson(writer.out)
}

impl CleanJson {
    /// `{}`.
    pub fn empty() -> Self {
        Self("{}".to_owned())
    }

    /// The JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON, as a `String` of its own.
    pub fn into_string(self) -> String {
        self.0
    }
}

struct Writer<'f> {
    by: &'f Redactor,
    out: String,
    findings: &'f mut Findings,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::List(_) | Value::Map(_) if depth >= DEEPEST => self.cut(),
            Value::List(items) => self.list(items, depth),
            Value::Map(entries) => self.map(entries.iter(), depth),
            Value::Text(value) => self.text(value, LONGEST_TEXT),
            _ => self.scalar(value),
        }
    }

    fn scalar(&mut self, value: &Value) {
        // Writing to a String doesn't fail.
        let written = match value {
            Value::Flag(flag) => write!(self.out, "{flag}"),
            Value::Integer(number) => write!(self.out, "{number}"),
            Value::Number(number) if number.is_finite() => write!(self.out, "{number:?}"),
            _ => write!(self.out, "null"),
        };
        written.unwrap_or_default();
    }

    fn list(&mut self, items: &[Value], depth: usize) {
        self.out.push('[');
        for (at, item) in items.iter().enumerate() {
            self.comma(at);
            if self.is_full(at) {
                self.cut();
                break;
            }
            self.value(item, depth + 1);
        }
        self.out.push(']');
    }

    fn map<'v>(
        &mut self,
        entries: impl Iterator<Item = &'v (String, Value)> + Clone,
        depth: usize,
    ) {
        self.out.push('{');
        let is_exchange = entries.clone().any(|(name, _)| key::is_grant(name));
        for (at, (name, value)) in entries.enumerate() {
            self.comma(at);
            if self.is_full(at) {
                self.cut();
                self.out.push_str(":true");
                break;
            }
            self.text(name, LONGEST_NAME);
            self.out.push(':');
            self.entry(name, value, depth, is_exchange);
        }
        self.out.push('}');
    }

    /// The value of a name; a marker where the name says that it is secret.
    fn entry(&mut self, name: &str, value: &Value, depth: usize, is_exchange: bool) {
        let code = (is_exchange && key::is_code(name)).then(key::of_code);
        match self.by.key(name).or(code).filter(|key| key::hides(*key, value)) {
            Some(key) => {
                self.findings.add(key.class);
                write_string(&mut self.out, key.class.marker(), LONGEST_NAME);
            }
            None => self.value(value, depth + 1),
        }
    }

    fn text(&mut self, value: &str, longest: usize) {
        self.by.write_text(&mut self.out, value, longest, self.findings);
    }

    fn comma(&mut self, at: usize) {
        if at > 0 {
            self.out.push(',');
        }
    }

    fn is_full(&self, at: usize) -> bool {
        at >= MOST_ITEMS || self.out.len() >= LARGEST
    }

    fn cut(&mut self) {
        write_string(&mut self.out, CUT, CUT.len());
    }
}

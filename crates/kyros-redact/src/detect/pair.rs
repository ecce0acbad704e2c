//! Values that follow a name, in whichever notation: `k=v`, `k: v`, JSON, also escaped, Python's
//! repr, headers, query strings, XML, command lines.

mod name;
mod separator;
mod written;

use name::Name;
use separator::{Kind, Separator};
pub(super) use written::{opening_quote, structure_end};

use super::{byte, byte_before, run, run_back};
use crate::class::{Class, marker_at};
use crate::key::{self, Key};
use crate::scan::Found;

/// How many bytes of a value tell whether it is one.
const TELLING: usize = 64;

/// The value after a name that makes it secret.
pub(super) fn value(found: &mut Found<'_>, start: usize, end: usize) {
    let name = Name::around(found, start, end);
    let Some(separator) = separator::after(found, &name) else { return };
    let Some(key) = key_of(found, &name) else { return };
    if marker_at(found.from(separator.end)).is_some_and(|end| is_all(found, &separator, end)) {
        return;
    }
    if !says_value(found, &separator, key) {
        return;
    }
    let (from, to) = written::value(found, &name, &separator, key);
    if from < to && key::hides_text(key, found.slice(from, to)) {
        found.add(from, to, key.class);
    }
}

fn key_of(found: &mut Found<'_>, name: &Name) -> Option<Key> {
    let word = found.slice(name.start, name.end);
    if key::is_code(word) {
        return found.has_grant_near(name.start).then(key::of_code);
    }
    found.by.key(word)
}

/// Whether what follows is a value, where a sentence could go on just so.
fn says_value(found: &Found<'_>, separator: &Separator, key: Key) -> bool {
    let value = found.from(separator.end);
    let quoted = opening_quote(value, 0).is_some();
    match separator.kind {
        Kind::Call => key.class == Class::Password && !key.weak && (quoted || is_argument(value)),
        Kind::NextLine => quoted || is_telling(value) || is_line(value),
        _ => !(key.weak && separator.is_prose()) || is_telling(value),
    }
}

/// What `SQLAlchemy` adds to its errors: the values of a statement's parameters.
pub(super) fn parameters(found: &mut Found<'_>, _: usize, start: usize) {
    let end = run(found.bytes(), start, |c| c != b'\n');
    found.add(start, end, Class::Input);
}

/// Whether a value is nothing but the marker it begins with.
fn is_all(found: &Found<'_>, separator: &Separator, marker: usize) -> bool {
    let next = byte(found.bytes(), separator.end + marker);
    !next.is_ascii_alphanumeric() && !b"_-".contains(&next)
}

/// Whether what is no clear notation has at least a value that is no word.
fn is_telling(value: &[u8]) -> bool {
    let near = value.get(..TELLING.min(value.len())).unwrap_or_default();
    let word = near.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    word.len() >= 4 && word.iter().any(u8::is_ascii_digit)
}

/// Whether what is in brackets is a value, and neither an ending of a word nor a name.
fn is_argument(value: &[u8]) -> bool {
    let end = run(value.get(..TELLING.min(value.len())).unwrap_or_default(), 0, name::is_name);
    let word = str::from_utf8(value.get(..end).unwrap_or_default()).unwrap_or_default();
    word.len() >= 4 && (is_telling(value) || key::of(word).is_none())
}

/// Whether a line is one word that opens nothing.
fn is_line(value: &[u8]) -> bool {
    let end = run(value, 0, |c| !c.is_ascii_whitespace());
    let rest = run(value, end, |c| c == b' ' || c == b'\t' || c == b'\r');
    let ends = matches!(byte(value, rest), b'\n' | 0);
    ends && end >= 6 && !b":{[(".contains(&byte(value, end - 1))
}

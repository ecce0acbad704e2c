//! Values that follow a name, in whichever notation: `k=v`, `k: v`, JSON, also escaped, Python's
//! repr, headers, query strings, XML, command lines.

mod name;
mod separator;
mod written;

use name::Name;
use separator::Separator;

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
    let Some(key) = found.by.key(found.slice(name.start, name.end)) else { return };
    if marker_at(found.from(separator.end)).is_some_and(|end| is_all(found, &separator, end)) {
        return;
    }
    if key.weak && separator.is_prose() && !is_telling(found.from(separator.end)) {
        return;
    }
    let (from, to) = written::value(found, &name, &separator, key);
    if from < to && hides(found.slice(from, to), key) {
        found.add(from, to, key.class);
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

fn hides(value: &str, key: Key) -> bool {
    let first = value.split([' ', '\t']).next().unwrap_or_default();
    key.declared || !(key::says_nothing(first) || key.counts && key::is_number(value))
}

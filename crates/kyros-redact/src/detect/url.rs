//! Credentials and queries in URLs and paths.

use super::{byte, byte_before, run};
use crate::class::{Class, marker_at};
use crate::scan::Found;

/// How far a password with a slash in it is followed.
const LONGEST_AUTHORITY: usize = 256;
/// Names of query parameters that are longer, or not of plain characters, are no names.
const LONGEST_NAME: usize = 24;

/// `user:password@` after `://`.
pub(super) fn user_info(found: &mut Found<'_>, _: usize, start: usize) {
    let bytes = found.bytes();
    let end = run(bytes, start, |c| !ends_url(c) && !b"/?#".contains(&c));
    let authority = bytes.get(start..end).unwrap_or_default();
    let at = authority.iter().rposition(|c| *c == b'@').map(|at| start + at);
    if let Some(at) = at.or_else(|| at_after_slash(found, authority, start)) {
        found.add(start, at, Class::UserInfo);
        found.covered = at + 1;
    }
}

/// An at sign after a slash that belongs to a password: no port has anything but digits.
fn at_after_slash(found: &Found<'_>, authority: &[u8], start: usize) -> Option<usize> {
    let colon = authority.iter().position(|c| *c == b':')?;
    let port = authority.get(colon + 1..)?;
    if authority.starts_with(b"[") || port.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let near = found.from(start);
    let near = near.get(..LONGEST_AUTHORITY.min(near.len()))?;
    let near = near.get(..run(near, 0, |c| !ends_url(c)))?;
    near.iter().rposition(|c| *c == b'@').map(|at| start + at)
}

/// The values of a query, and of a fragment in its form.
pub(super) fn query(found: &mut Found<'_>, question: usize, start: usize) {
    let before = byte_before(found.bytes(), question);
    if before.is_ascii_whitespace() || before == 0 || !is_query(found, start) {
        return;
    }
    let end = run(found.bytes(), start, |c| !ends_url(c));
    let mut at = start;
    while at < end {
        let stop = run(found.bytes(), at, |c| !b"&#".contains(&c) && !ends_url(c));
        parameter(found, at, stop);
        at = stop + 1;
    }
    found.covered = found.covered.max(end);
}

/// Whether what follows is a name and a value, or one long value.
fn is_query(found: &Found<'_>, start: usize) -> bool {
    let stop = run(found.bytes(), start, |c| !b"&#=".contains(&c) && !ends_url(c));
    let named = byte(found.bytes(), stop) == b'=' && stop > start;
    named || stop - start >= LONGEST_NAME || marker_at(found.from(start)).is_some()
}

fn parameter(found: &mut Found<'_>, start: usize, end: usize) {
    let equals = run(found.bytes(), start, |c| c != b'=').min(end);
    let name = found.slice(start, equals);
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"_-.[]".contains(&c);
    let is_name = name.len() <= LONGEST_NAME && name.bytes().all(plain) && !name.contains("eyJ");
    let is_marked = marker_at(found.from(start)) == Some(equals - start);
    let from = if is_name || is_marked { equals + 1 } else { start };
    if from < end {
        found.add(from, end, Class::Query);
    }
}

/// Whether an URL in a text ends before this.
fn ends_url(c: u8) -> bool {
    c.is_ascii_whitespace() || b"\"'<>\\`|".contains(&c) || c == 0
}

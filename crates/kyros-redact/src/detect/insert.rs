//! Rows of SQL's `INSERT`: literals without names beside them.

use super::pair::{opening_quote, structure_end};
use super::{byte, byte_before, run, run_back};
use crate::class::Class;
use crate::scan::Found;

/// How long the list of a statement's columns is at most.
const LONGEST_COLUMNS: usize = 512;
/// How far into a row there is a literal, where there is one.
const NEAR: usize = 256;

/// The rows after `VALUES`, where the columns before it have a secret one and a row has literals.
pub(super) fn values(found: &mut Found<'_>, start: usize, end: usize) {
    if !has_secret_column(found, start) {
        return;
    }
    let bytes = found.bytes();
    let mut at = run(bytes, end, |c| c.is_ascii_whitespace());
    while byte(bytes, at) == b'(' && has_literal(bytes, at) {
        let end = structure_end(bytes, at);
        found.add(at, end, Class::Input);
        at = run(bytes, end, |c| c.is_ascii_whitespace() || c == b',');
    }
}

fn has_secret_column(found: &Found<'_>, end: usize) -> bool {
    let bytes = found.bytes();
    let close = run_back(bytes, end, found.covered, |c| c.is_ascii_whitespace());
    let Some(close) = close.checked_sub(1).filter(|_| byte_before(bytes, close) == b')') else {
        return false;
    };
    let floor = close.saturating_sub(LONGEST_COLUMNS).max(found.covered);
    let open = run_back(bytes, close, floor, |c| c != b'(' && c != b')');
    let secret =
        |name: &str| found.by.key(name).is_some_and(|key| !key.weak && key.about.is_none());
    found.slice(open, close).split(',').any(secret)
}

fn has_literal(bytes: &[u8], at: usize) -> bool {
    let near = bytes.get(at..bytes.len().min(at + NEAR)).unwrap_or_default();
    let row = near.get(..run(near, 0, |c| c != b')')).unwrap_or_default();
    (0..row.len()).any(|at| opening_quote(row, at).is_some())
}

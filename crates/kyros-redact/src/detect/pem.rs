//! Private keys in PEM, whole or cut off, on lines, with escaped line ends or in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

use super::{is_base64, run};
use crate::class::Class;
use crate::scan::Found;

/// How far from its beginning a block says what it is.
const LONGEST_HEADER: usize = 64;
const END: &[u8] = b"-----END";
const DASHES: &[u8] = b"-----";

/// From `-----BEGIN … PRIVATE KEY-----` to the end of the block or, without one, of the text.
pub(super) fn block(found: &mut Found<'_>, start: usize, after: usize) {
    let rest = found.from(after);
    let header = rest.get(..LONGEST_HEADER.min(rest.len())).unwrap_or_default();
    let header = header.get(..memmem::find(header, DASHES).unwrap_or(header.len()));
    if header.is_some_and(is_private) {
        let end = memmem::find(rest, END).map_or(rest.len(), |at| block_end(rest, at + END.len()));
        found.add(start, after + end, Class::PrivateKey);
    }
}

/// A block in base64, on one line.
pub(super) fn encoded(found: &mut Found<'_>, start: usize, _: usize) {
    let head = found.from(start).get(..LONGEST_HEADER).unwrap_or_default();
    if STANDARD.decode(head).is_ok_and(|header| is_private(&header)) {
        let end = run(found.bytes(), start, is_base64);
        found.add(start, end, Class::PrivateKey);
    }
}

fn block_end(rest: &[u8], footer: usize) -> usize {
    let dashes = memmem::find(rest.get(footer..).unwrap_or_default(), DASHES);
    dashes.map_or(rest.len(), |at| footer + at + DASHES.len())
}

fn is_private(header: &[u8]) -> bool {
    memmem::find(&header.to_ascii_uppercase(), b"PRIVATE").is_some()
}

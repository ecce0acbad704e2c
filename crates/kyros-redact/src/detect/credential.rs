//! Credentials after the name of their scheme, and tokens with a vendor's prefix.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::{byte, byte_before, is_base64, run};
use crate::class::Class;
use crate::scan::Found;

/// What a sentence about bearer tokens goes on with.
const PROSE: &str = " auth authentication authorization challenge credential credentials error header \
     headers method missing realm required scheme scope token tokens ";

/// How many characters of a token tell whether it is one.
const TELLING: usize = 64;
const SHORTEST: usize = 6;
/// How long a token is at least that nothing but a common word stands before.
const SHORTEST_ALONE: usize = 16;

/// `Bearer abc`.
pub(super) fn bearer(found: &mut Found<'_>, start: usize, end: usize) {
    let Some((from, to)) = next_word(found, start, end) else { return };
    let word = found.slice(from, to);
    let prose =
        PROSE.contains(&format!(" {} ", word.to_ascii_lowercase().trim_end_matches(['.', '='])));
    let capital = byte(found.bytes(), start) == b'B';
    if to - from >= SHORTEST && !prose && (capital || is_mixed(word) || to - from >= SHORTEST_ALONE)
    {
        found.add(from, to, Class::Bearer);
    }
}

/// `Basic abc`: what decodes to a name and a password, or looks as if it were cut from such.
pub(super) fn basic(found: &mut Found<'_>, start: usize, end: usize) {
    let Some((from, to)) = next_word(found, start, end) else { return };
    let word = found.slice(from, to);
    let decoded = STANDARD_NO_PAD.decode(word.trim_end_matches('=')).unwrap_or_default();
    let pair = decoded.contains(&b':') && decoded.is_ascii();
    if pair || (to - from >= SHORTEST && is_mixed(word)) {
        found.add(from, to, Class::Basic);
    }
}

/// `Token abc` and others, whose names are common words.
pub(super) fn scheme(found: &mut Found<'_>, start: usize, end: usize) {
    let end = if byte_before(found.bytes(), end) == b' ' { end - 1 } else { end };
    let Some((from, to)) = next_word(found, start, end) else { return };
    if to - from >= SHORTEST_ALONE && is_mixed(found.slice(from, to)) {
        found.add(from, to, Class::Token);
    }
}

/// A prefix that a vendor gives its tokens, and what follows.
pub(super) fn prefixed(found: &mut Found<'_>, start: usize, end: usize) {
    let bytes = found.bytes();
    let prefix = bytes.get(start..end).unwrap_or_default();
    let stop = found.token_end(end);
    let rest = found.slice(end, stop);
    if is_written_so(prefix) && begins_word(bytes, start) && fits(prefix, rest) {
        found.add(start, stop, Class::Token);
    }
}

/// A client secret of Azure AD: three characters, a digit, `Q~` and the rest.
pub(super) fn azure(found: &mut Found<'_>, start: usize, end: usize) {
    let stop = found.token_end(end);
    let first = start.saturating_sub(4);
    let digit = byte_before(found.bytes(), start).is_ascii_digit();
    if digit && byte(found.bytes(), start) == b'Q' && stop - end >= 30 {
        found.add(first, stop, Class::Secret);
    }
}

/// The token one space or more after a word that stands alone.
fn next_word(found: &Found<'_>, start: usize, end: usize) -> Option<(usize, usize)> {
    let bytes = found.bytes();
    let space = |c| c == b' ' || c == b'\t';
    let from = run(bytes, end, space);
    let from = if bytes.get(end..)?.starts_with(b"%20") { end + 3 } else { from };
    let to = run(bytes, from, |c| is_base64(c) || b".~".contains(&c));
    (from > end && to > from && begins_word(bytes, start)).then_some((from, to))
}

/// Whether no word goes on at `start`; the letter of an escape such as `\n` is none.
fn begins_word(bytes: &[u8], start: usize) -> bool {
    let escaped = start >= 2 && byte_before(bytes, start - 1) == b'\\';
    let percent = start >= 3 && byte(bytes, start - 3) == b'%';
    !byte_before(bytes, start).is_ascii_alphanumeric() || escaped || percent
}

/// Whether a prefix has the case its vendor writes it in.
fn is_written_so(prefix: &[u8]) -> bool {
    let known: [&[u8]; 4] = [b"AKIA", b"ASIA", b"AIza", b"SG."];
    let of_those = known.iter().find(|one| one.eq_ignore_ascii_case(prefix));
    of_those.map_or_else(|| prefix.iter().all(|c| !c.is_ascii_uppercase()), |one| *one == prefix)
}

fn fits(prefix: &[u8], rest: &str) -> bool {
    match prefix {
        b"AKIA" | b"ASIA" => {
            let id = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit();
            rest.len() >= 16 && rest.bytes().take(16).all(id)
        }
        b"dapi" | b"sk-" | b"SG." | b"hvs." | b"npm_" | b"pypi-" => {
            rest.len() >= 20 && rest.bytes().take(TELLING).any(|c| c.is_ascii_digit())
        }
        _ => rest.len() >= 10,
    }
}

/// Whether a word has something that a word of a language has not.
fn is_mixed(word: &str) -> bool {
    let upper_inside = word.bytes().skip(1).any(|c| c.is_ascii_uppercase());
    let lower = word.bytes().any(|c| c.is_ascii_lowercase());
    word.bytes().any(|c| c.is_ascii_digit() || b"+/=_~".contains(&c)) || (upper_inside && lower)
}

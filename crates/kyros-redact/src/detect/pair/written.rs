//! Where a value ends, by the way it is written.

use super::name::{Name, is_name};
use super::separator::{Kind, Separator};
use super::{byte, byte_before, run};
use crate::class::Class;
use crate::key::Key;
use crate::scan::Found;

/// A quote and the backslashes before it.
#[derive(Clone, Copy)]
pub(in crate::detect) struct Quote {
    mark: u8,
    slashes: usize,
    /// Where the text in quotes begins.
    inside: usize,
}

/// From where to where a value stands, without its quotes.
pub(super) fn value(found: &Found<'_>, name: &Name, by: &Separator, key: Key) -> (usize, usize) {
    let bytes = found.bytes();
    let header = !key.weak && matches!(key.class, Class::Cookie | Class::Authorization);
    if let Some(quote) = opening_quote(bytes, by.end) {
        return (quote.inside, closing_quote(bytes, quote));
    }
    let end = match by.kind {
        Kind::Call => run(bytes, by.end, |c| !c.is_ascii_whitespace() && !b"),".contains(&c)),
        Kind::Tag => run(bytes, by.end, |c| c != b'<'),
        Kind::Percent => run(bytes, by.end, |c| !c.is_ascii_whitespace() && !b"&\"'".contains(&c)),
        _ if opens_structure(bytes, by.end) => structure_end(bytes, by.end),
        Kind::Colon if header => header_end(bytes, name, by.end),
        Kind::Equals if header => list_end(bytes, by.end),
        _ => word_end(bytes, by.end),
    };
    (by.end, end)
}

/// The quote that opens a text at `at`, which may have a prefix as Python's literals have.
pub(in crate::detect) fn opening_quote(bytes: &[u8], at: usize) -> Option<Quote> {
    let at = if b"bBuUrRfF".contains(&byte(bytes, at)) { at + 1 } else { at };
    let end = run(bytes, at, |c| c == b'\\');
    let quote = byte(bytes, end);
    let is_quote = matches!(quote, b'"' | b'\'' | b'`');
    is_quote.then_some(Quote { mark: quote, slashes: end - at, inside: end + 1 })
}

/// Where a text in quotes ends; an unclosed one goes on to the end.
fn closing_quote(bytes: &[u8], open: Quote) -> usize {
    let mut at = open.inside;
    while at < bytes.len() {
        let slash = run(bytes, at, |c| c != b'\\' && c != open.mark);
        let quote = run(bytes, slash, |c| c == b'\\');
        let slashes = quote - slash;
        let closes = slashes <= open.slashes || (open.slashes == 0 && slashes.is_multiple_of(2));
        if byte(bytes, quote) == open.mark && closes {
            return quote - slashes.min(open.slashes);
        }
        at = quote + usize::from(byte(bytes, quote) == open.mark || slashes == 0);
    }
    bytes.len()
}

/// Whether a list, tuple or map begins here, not just a word in brackets.
fn opens_structure(bytes: &[u8], at: usize) -> bool {
    let inside = run(bytes, at + 1, |c| c.is_ascii_whitespace());
    let nested = b"[({".contains(&byte(bytes, inside)) || opening_quote(bytes, inside).is_some();
    byte(bytes, at) == b'{' || (b"[(".contains(&byte(bytes, at)) && nested)
}

/// The end of a structure, with brackets in quotes left out of the count.
pub(in crate::detect) fn structure_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while at < bytes.len() {
        match byte(bytes, at) {
            b'[' | b'(' | b'{' => depth += 1,
            b']' | b')' | b'}' => depth = depth.saturating_sub(1),
            b'"' | b'\'' | b'\\' => at = text_end(bytes, at),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at.min(bytes.len())
}

/// The closing quote of the text that begins at `at`; without a text, the last of the backslashes.
fn text_end(bytes: &[u8], at: usize) -> usize {
    match opening_quote(bytes, at) {
        Some(open) => run(bytes, closing_quote(bytes, open), |c| c == b'\\'),
        None => run(bytes, at + 1, |c| c == b'\\') - 1,
    }
}

/// A header goes on to the end of its line, or to the quote it was opened with.
fn header_end(bytes: &[u8], name: &Name, start: usize) -> usize {
    let quoted = matches!(name.quote, b'"' | b'\'' | b'`');
    run(bytes, start, |c| c != b'\n' && c != b'\r' && !(quoted && c == name.quote))
}

/// The end of `a=b; c=d`, or of a scheme and its credential.
fn list_end(bytes: &[u8], start: usize) -> usize {
    let mut end = word_end(bytes, start);
    let scheme = bytes.get(start..end).is_some_and(|word| word.iter().all(u8::is_ascii_alphabetic));
    if scheme && byte(bytes, end) == b' ' {
        return word_end(bytes, end + 1);
    }
    while byte(bytes, end) == b';' {
        let name = run(bytes, end + 1, |c| c == b' ');
        let equals = run(bytes, name, is_name);
        if equals == name || byte(bytes, equals) != b'=' {
            break;
        }
        end = word_end(bytes, equals + 1);
    }
    end
}

/// The end of a value without quotes. What may belong to it does.
fn word_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while at < bytes.len() {
        match byte(bytes, at) {
            c if c.is_ascii_whitespace() => break,
            b'"' | b'\'' | b'`' if !continues(bytes, start, at) => break,
            b'&' | b';' | b'|' if next_pair(bytes, at + 1) => break,
            b',' | b')' | b']' | b'}' | b'>' | b';' if ends_word(byte(bytes, at + 1)) => break,
            b'\\' if opening_quote(bytes, at).is_some() => break,
            b'"' | b'\'' | b'\\' => at = text_end(bytes, at),
            _ => {}
        }
        at += 1;
    }
    at.min(bytes.len())
}

/// Whether a quote belongs to the value it follows, as in `Token('…')`.
fn continues(bytes: &[u8], start: usize, at: usize) -> bool {
    at > start && b"([{=:,+".contains(&byte_before(bytes, at))
}

fn ends_word(next: u8) -> bool {
    next == 0 || next.is_ascii_whitespace() || b"\"'`\\,;)]}>".contains(&next)
}

/// Whether a name and an equals sign follow.
fn next_pair(bytes: &[u8], at: usize) -> bool {
    let near = bytes.get(..bytes.len().min(at + 64)).unwrap_or_default();
    let equals = run(near, at, |c| is_name(c) || b"%[]".contains(&c));
    equals > at && byte(near, equals) == b'='
}

//! What stands between a name and its value.

use super::name::Name;
use super::written::opening_quote;
use super::{byte, byte_before, run, run_back};
use crate::scan::Found;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `=`, `=>`, `:=`, `==`.
    Equals,
    /// `:`.
    Colon,
    /// `:` at the end of a line, with the value on the next, which is indented.
    NextLine,
    /// `(` right after the name.
    Call,
    /// `, ` between two quoted texts.
    Comma,
    /// `>` of an XML element.
    Tag,
    /// The space after an option.
    Space,
    /// `%3D` or `%3A`.
    Percent,
}

pub(super) struct Separator {
    pub(super) kind: Kind,
    /// Where the value begins.
    pub(super) end: usize,
    /// The name was in quotes, so this is data and no prose.
    pub(super) quoted: bool,
}

impl Separator {
    /// Whether a sentence could have it as well.
    pub(super) fn is_prose(&self) -> bool {
        matches!(self.kind, Kind::Colon | Kind::Space) && !self.quoted
    }
}

/// The separator after a name, if there is one.
pub(super) fn after(found: &Found<'_>, name: &Name) -> Option<Separator> {
    let bytes = found.bytes();
    let closed = name_end(bytes, name.end);
    let quoted = closed > name.end;
    let at = run(bytes, closed, is_space);
    let (kind, end) = kind(bytes, at, name)
        .filter(|(kind, _)| *kind != Kind::Comma || (quoted && !is_value(bytes, name)))?;
    let end = run(bytes, end, |c| is_space(c) || (kind == Kind::Comma && c == b'\n'));
    let (kind, end) = match next_line(bytes, end) {
        Some(line) if kind == Kind::Colon => (Kind::NextLine, line),
        _ => (kind, end),
    };
    let follows = kind != Kind::Comma || opening_quote(bytes, end).is_some();
    (follows && end < bytes.len()).then_some(Separator { kind, end, quoted })
}

fn kind(bytes: &[u8], at: usize, name: &Name) -> Option<(Kind, usize)> {
    let next = byte(bytes, at + 1);
    match byte(bytes, at) {
        b'=' if next == b'=' || next == b'>' => Some((Kind::Equals, at + 2)),
        b'=' => Some((Kind::Equals, at + 1)),
        b':' if next == b'=' => Some((Kind::Equals, at + 2)),
        b':' if next == b':' || (next == b'/' && byte(bytes, at + 2) == b'/') => None,
        b':' => Some((Kind::Colon, at + 1)),
        b',' => Some((Kind::Comma, at + 1)),
        b'(' if at == name.end => Some((Kind::Call, at + 1)),
        b'>' if name.quote == b'<' => Some((Kind::Tag, at + 1)),
        b'%' => is_percent_separator(bytes, at).then_some((Kind::Percent, at + 3)),
        _ if name.option && is_space(byte_before(bytes, at)) => Some((Kind::Space, at)),
        _ => None,
    }
}

/// Where an indented line begins behind a line's end at `at`, or behind YAML's sign for a block.
fn next_line(bytes: &[u8], at: usize) -> Option<usize> {
    let end = run(bytes, at, |c| b"|>+-\r ".contains(&c));
    let line = (byte(bytes, end) == b'\n').then_some(end + 1)?;
    let indented = run(bytes, line, is_space);
    (indented > line).then_some(indented)
}

/// Whether a quoted text is itself a value, so that what follows a comma is the next name.
fn is_value(bytes: &[u8], name: &Name) -> bool {
    let quote = run_back(bytes, name.start, 0, |c| b"\"'`\\".contains(&c));
    let literal = usize::from(b"bBuUrRfF".contains(&byte_before(bytes, quote)));
    let before = run_back(bytes, quote - literal, 0, is_space);
    b":=".contains(&byte_before(bytes, before))
}

/// Past the quote or bracket a name ends with.
fn name_end(bytes: &[u8], at: usize) -> usize {
    let quote = run(bytes, at, |c| c == b'\\');
    let percent = bytes.get(at..).is_some_and(|rest| rest.starts_with(b"%22"));
    match byte(bytes, quote) {
        b'"' | b'\'' | b'`' => quote + 1,
        b']' if quote == at => at + 1,
        _ if percent => at + 3,
        _ => at,
    }
}

fn is_percent_separator(bytes: &[u8], at: usize) -> bool {
    let code = bytes.get(at..at + 3).unwrap_or_default();
    code.eq_ignore_ascii_case(b"%3D") || code.eq_ignore_ascii_case(b"%3A")
}

fn is_space(c: u8) -> bool {
    c == b' ' || c == b'\t'
}

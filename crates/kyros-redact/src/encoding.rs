//! JSON strings.

use std::fmt::Write;

use crate::findings::Findings;
use crate::redactor::Redactor;

/// How far back a cut is moved for the sake of a word.
const LONGEST_WORD: usize = 512;

/// Appends a text of unknown content to `out` as a JSON string without its secrets, bounded as by
/// [`write_string`]. Only what will be written is looked at, and a word that would be cut goes as
/// a whole, since half a secret is not recognised.
pub fn write_text(out: &mut String, text: &str, longest: usize, findings: &mut Findings) {
    write_clean(Redactor::plain(), out, text, longest, findings);
}

/// The same, with the names that a redactor knows.
pub(crate) fn write_clean(
    by: &Redactor,
    out: &mut String,
    text: &str,
    longest: usize,
    findings: &mut Findings,
) {
    if text.len() <= longest {
        return write_string(out, &by.text(text, findings), longest);
    }
    write_string(out, &by.text(whole_words(text, longest), findings), longest);
    mark_cut(out);
}

/// What a text ends in where it was cut.
pub(crate) const CUT: &str = "[truncated]";

/// Appends `text` to `out` as a JSON string of at most `longest` bytes and a marker where it was
/// cut. Controls, line separators and bidirectional overrides are escaped, so that a line stays
/// one and shows itself as it is.
pub fn write_string(out: &mut String, text: &str, longest: usize) {
    out.push('"');
    if text.len() <= longest && text.bytes().all(is_plain) {
        out.push_str(text);
        return out.push('"');
    }
    let end = out.len() + longest;
    let mut rest = text;
    while let Some(at) = rest.find(needs_care) {
        let (plain, special) = rest.split_at(at);
        if !write_plain(out, plain, end) || out.len() >= end {
            return close_cut(out);
        }
        let mut chars = special.chars();
        chars.next().into_iter().for_each(|c| write_escaped(out, c));
        rest = chars.as_str();
    }
    if write_plain(out, rest, end) { out.push('"') } else { close_cut(out) }
}

/// Appends what fits; whether that is all.
fn write_plain(out: &mut String, plain: &str, end: usize) -> bool {
    let room = end.saturating_sub(out.len());
    let fits = plain.floor_char_boundary(room);
    out.push_str(plain.get(..fits).unwrap_or_default());
    fits == plain.len()
}

/// At most `longest` bytes of a text, without a last word that might go on.
fn whole_words(text: &str, longest: usize) -> &str {
    let head = text.get(..text.floor_char_boundary(longest)).unwrap_or_default();
    let space = head.rfind(char::is_whitespace).filter(|at| head.len() - at <= LONGEST_WORD);
    head.get(..space.unwrap_or(head.len())).unwrap_or_default()
}

/// Puts the marker of a cut into the string that `out` ends with, unless it is there.
fn mark_cut(out: &mut String) {
    if !out.ends_with("[truncated]\"") {
        out.pop();
        close_cut(out);
    }
}

fn close_cut(out: &mut String) {
    out.push_str(CUT);
    out.push('"');
}

/// Whether a byte is a character that never needs care; most texts have no other.
fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\'
}

fn needs_care(c: char) -> bool {
    matches!(c, '"' | '\\' | '\0'..='\x1f' | '\x7f'..='\u{9f}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn write_escaped(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // Writing to a String doesn't fail.
        _ => write!(out, "\\u{:04x}", u32::from(c)).unwrap_or_default(),
    }
}

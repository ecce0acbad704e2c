//! JSON Web Tokens, whole or in part: base64url of an object with a name in it.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{is_base64, run};
use crate::class::Class;
use crate::scan::Found;

/// Accepts a cut that doesn't end on a byte.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How much of a token tells that it is one.
const TELLING: usize = 12;

/// A dot in a URL, and in one within another.
const ENCODED_DOTS: [&[u8]; 2] = [b"%2E", b"%252E"];

/// A token or a segment of one, up to whatever no token has in it.
pub(super) fn token(found: &mut Found<'_>, start: usize, _: usize) {
    let head = found.from(start).get(..TELLING).unwrap_or_default();
    if decoded(head).is_some_and(|bytes| is_object(&bytes)) {
        found.add(start, token_end(found.bytes(), start), Class::Jwt);
    }
}

/// The end of the segments from `at` on; the dots between them may be percent-encoded.
fn token_end(bytes: &[u8], at: usize) -> usize {
    let mut end = run(bytes, at, is_in_token);
    while let Some(dot) = encoded_dot(bytes.get(end..).unwrap_or_default()) {
        end = run(bytes, end + dot, is_in_token);
    }
    end
}

fn is_in_token(c: u8) -> bool {
    is_base64(c) || c == b'.'
}

/// The length of the dot that `rest` begins with.
fn encoded_dot(rest: &[u8]) -> Option<usize> {
    let starts =
        |dot: &&&[u8]| rest.get(..dot.len()).is_some_and(|is| is.eq_ignore_ascii_case(dot));
    ENCODED_DOTS.iter().find(starts).map(|dot| dot.len())
}

/// The same, in base64 once more.
pub(super) fn encoded(found: &mut Found<'_>, start: usize, _: usize) {
    let head = found.from(start).get(..2 * TELLING).unwrap_or_default();
    let inner = decoded(head).and_then(|bytes| decoded(bytes.get(..TELLING)?));
    if inner.is_some_and(|bytes| is_object(&bytes)) {
        let end = run(found.bytes(), start, is_base64);
        found.add(start, end, Class::Jwt);
    }
}

fn decoded(base64: &[u8]) -> Option<Vec<u8>> {
    BASE64.decode(base64).ok()
}

/// Whether these are the first bytes of a JSON object with a name.
fn is_object(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_end();
    let inside = text.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    let plain = |c: &u8| matches!(c, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    inside.is_some_and(|rest| rest.starts_with(b"\"") && rest.iter().all(plain))
}

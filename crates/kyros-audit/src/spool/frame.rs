//! One event in a segment: marker, length, checksum, text.
//!
//! The marker's first byte never occurs in UTF-8, so no event can contain what looks like a frame,
//! and reading can go on after damage at the next marker.

const MARKER: [u8; 4] = [0xff, b'K', b'A', 1];

const HEADER: usize = 12;

/// Greatest size of an event in bytes.
pub(crate) const MAX_TEXT: usize = 1 << 20;

/// Bytes that are sure to hold a whole frame.
pub(crate) const MAX_FRAME: usize = HEADER + MAX_TEXT;

/// What stands at a place of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// A whole frame, and where it ends.
    Frame { text: &'a str, end: usize },
    /// Something that was a frame, and where the next readable one begins.
    Damage { end: usize },
    /// Nothing more, or the beginning of a frame that was never finished.
    End,
}

/// The frame of a text of at most [`MAX_TEXT`] bytes.
pub(crate) fn encode(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes();
    let checksum = checksum(length, text.as_bytes()).to_le_bytes();
    [&MARKER, &length, &checksum, text.as_bytes()].concat()
}

/// Reads what stands at a place.
pub(crate) fn step(bytes: &[u8], at: usize) -> Step<'_> {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(text) = whole(rest) {
        return Step::Frame { text, end: at + HEADER + text.len() };
    }
    match next_whole(rest) {
        Some(distance) => Step::Damage { end: at + distance },
        None if is_torn(rest) => Step::End,
        None => Step::Damage { end: bytes.len() },
    }
}

fn whole(bytes: &[u8]) -> Option<&str> {
    let (length, expected, rest) = header(bytes)?;
    let text = rest.get(..text_length(length)?)?;
    let intact = checksum(length, text) == u32::from_le_bytes(expected);
    intact.then(|| std::str::from_utf8(text).ok()).flatten()
}

fn header(bytes: &[u8]) -> Option<([u8; 4], [u8; 4], &[u8])> {
    let (length, rest) = bytes.strip_prefix(&MARKER)?.split_first_chunk()?;
    let (checksum, rest) = rest.split_first_chunk()?;
    Some((*length, *checksum, rest))
}

fn text_length(length: [u8; 4]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(length)).ok().filter(|length| *length <= MAX_TEXT)
}

fn next_whole(bytes: &[u8]) -> Option<usize> {
    let markers = (1..bytes.len()).filter(|at| bytes[*at..].starts_with(&MARKER));
    markers.into_iter().find(|at| whole(&bytes[*at..]).is_some())
}

/// Whether a crash explains it: the beginning of a frame, or space that was never written.
fn is_torn(bytes: &[u8]) -> bool {
    let cut_short = match header(bytes) {
        Some((length, _, rest)) => text_length(length).is_some_and(|length| rest.len() < length),
        None => bytes.len() < HEADER && MARKER.starts_with(&bytes[..bytes.len().min(MARKER.len())]),
    };
    cut_short || bytes.iter().all(|byte| *byte == 0)
}

fn checksum(length: [u8; 4], text: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&length), text)
}

//! Identifiers of traces and spans: random, never zero, written in lower-case hex.
//!
//! Randomness is the operating system's, taken anew for each id, so a forked child never repeats
//! its parent's.

use std::fmt;

use uuid::Uuid;

/// Identifier of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

/// Identifier of a span.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId([u8; 8]);

impl TraceId {
    /// An id nobody has had before.
    pub fn random() -> Self {
        Self(random())
    }

    /// The id of these bytes, or `None` for zeros, which are no id.
    pub fn new(bytes: [u8; 16]) -> Option<Self> {
        (bytes != [0; 16]).then_some(Self(bytes))
    }

    /// The bytes, first byte first.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl SpanId {
    /// An id nobody has had before.
    pub fn random() -> Self {
        Self(random())
    }

    /// The id of these bytes, or `None` for zeros, which are no id.
    pub fn new(bytes: [u8; 8]) -> Option<Self> {
        (bytes != [0; 8]).then_some(Self(bytes))
    }

    /// The bytes, first byte first.
    pub fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceId({self})")
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpanId({self})")
    }
}

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Random bytes, not all zero.
fn random<const N: usize>() -> [u8; N] {
    loop {
        let mut bytes = [0; N];
        for part in bytes.chunks_mut(8) {
            part.copy_from_slice(random_part().get(..part.len()).unwrap_or_default());
        }
        if bytes != [0; N] {
            return bytes;
        }
    }
}

/// Eight random bytes: the last ones of a version 4 UUID, its first instead of the variant's.
fn random_part() -> [u8; 8] {
    let [first, _, _, _, _, _, _version, _, _variant, rest @ ..] = Uuid::new_v4().into_bytes();
    let mut part = [first; 8];
    part.iter_mut().skip(1).zip(rest).for_each(|(byte, random)| *byte = random);
    part
}

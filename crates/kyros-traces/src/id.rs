//! Identifiers of traces and spans: random, never zero, written in lower-case hex.
//!
//! Randomness is the operating system's, taken anew for each id, so a forked child never repeats
//! its parent's.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Identifier of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

/// Identifier of a span.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId([u8; 8]);

/// Ids of a new trace and of its first span, which nobody has had before: asked for at once.
pub(crate) fn new_trace() -> (TraceId, SpanId) {
    let random: [u8; 24] = random();
    let (mut trace, mut span) = ([0; 16], [0; 8]);
    trace.copy_from_slice(&random[..16]);
    span.copy_from_slice(&random[16..]);
    let ids = TraceId::new(trace).zip(SpanId::new(span));
    ids.unwrap_or_else(|| (TraceId::random(), SpanId::random()))
}

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

/// Writes all digits at once: each request has two ids in its line.
fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'0'; 32];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        let digits = [byte >> 4, byte & 0xf].map(|digit| DIGITS[usize::from(digit)]);
        pair.copy_from_slice(&digits);
    }
    let text = text.get(..2 * bytes.len()).unwrap_or_default();
    std::str::from_utf8(text).map_or(Err(fmt::Error), |text| f.write_str(text))
}

/// Bytes of the operating system's, not all zero.
fn random<const N: usize>() -> [u8; N] {
    loop {
        let mut bytes = [0; N];
        fill(&mut bytes);
        if bytes != [0; N] {
            return bytes;
        }
    }
}

/// Linux has randomness for whoever asks, once it has booted. Should it ever have none, the keys of
/// the standard library's hash maps and a count stand in, which a forked child has as its parent has
/// them.
fn fill(bytes: &mut [u8]) {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    if getrandom::fill(bytes).is_err() {
        for part in bytes.chunks_mut(8) {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let random = RandomState::new().hash_one(count).to_ne_bytes();
            part.copy_from_slice(random.get(..part.len()).unwrap_or_default());
        }
    }
}

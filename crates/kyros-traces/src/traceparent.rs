//! The header `traceparent` of W3C Trace Context, level 2.

use crate::id::{SpanId, TraceId};

/// What a valid header says.
#[derive(Clone, Copy)]
pub(crate) struct Traceparent {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) sampled: bool,
    pub(crate) random: bool,
}

const SAMPLED: u8 = 0b01;
const RANDOM: u8 = 0b10;

/// Reads version 00 strictly, and of a later version the part that has to stay as it is.
pub(crate) fn parse(header: &str) -> Option<Traceparent> {
    let mut parts = header.trim_matches([' ', '\t']).splitn(5, '-');
    let [version] = bytes(parts.next()?)?;
    let trace_id = TraceId::new(bytes(parts.next()?)?)?;
    let span_id = SpanId::new(bytes(parts.next()?)?)?;
    let [flags] = bytes(parts.next()?)?;
    let allowed = match version {
        0x00 => parts.next().is_none(),
        0xff => false,
        _ => true,
    };
    let (sampled, random) = (flags & SAMPLED != 0, flags & RANDOM != 0);
    allowed.then_some(Traceparent { trace_id, span_id, sampled, random })
}

pub(crate) fn format(of: Traceparent) -> String {
    let flags = (u8::from(of.sampled) * SAMPLED) | (u8::from(of.random) * RANDOM);
    format!("00-{}-{}-{flags:02x}", of.trace_id, of.span_id)
}

/// Exactly `N` bytes in lower-case hex.
fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let pairs = hex.as_bytes().chunks_exact(2);
    if hex.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        *byte = pair.iter().try_fold(0, |byte, c| Some(byte << 4 | digit(*c)?))?;
    }
    Some(bytes)
}

fn digit(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    }
}

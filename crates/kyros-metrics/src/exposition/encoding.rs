//! Compression of the answer, where the scraper takes it.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::negotiate::quality;

/// Whether this `Accept-Encoding` header wants gzip at least as much as no compression.
pub fn accepts_gzip(accept_encoding: Option<&str>) -> bool {
    let header = accept_encoding.unwrap_or_default();
    let any = worth(header, &["*"]);
    let gzip = worth(header, &["gzip", "x-gzip"]).or(any).unwrap_or(0);
    let identity = worth(header, &["identity"]).unwrap_or(0);
    gzip > 0 && gzip >= identity
}

/// What the header makes of a coding, in thousandths; none where it doesn't name it.
fn worth(header: &str, accepted: &[&str]) -> Option<u16> {
    let codings = header.split(',').filter_map(|coding| {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let (_, text) = parameters.trim().split_once('=')?;
        let named = accepted.iter().any(|known| known.eq_ignore_ascii_case(name.trim()));
        named.then(|| quality(text.trim())).flatten()
    });
    codings.max()
}

/// The text, compressed with gzip at a level that favours speed.
pub fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory has no way to fail.
    let _ = encoder.write_all(text.as_bytes());
    encoder.finish().unwrap_or_default()
}

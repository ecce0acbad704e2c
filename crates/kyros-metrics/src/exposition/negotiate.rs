//! Content negotiation (RFC 9110 §12.5.1) between the two formats.

use super::Format;

/// The format to answer a scrape with that has this `Accept` header.
///
/// The most specific range that names a format gives its quality, and 0 refuses it. `OpenMetrics`
/// is chosen when it is worth more, or as much and named; classic text in all other cases, also
/// where neither is acceptable, since a scraper can do more with it than with an error.
///
/// ```
/// use kyros_metrics::{Format, negotiate};
///
/// let prometheus = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.4,*/*;q=0.2";
/// assert_eq!(negotiate(Some(prometheus)), Format::OpenMetrics);
/// assert_eq!(negotiate(Some("*/*")), Format::Classic);
/// ```
pub fn negotiate(accept: Option<&str>) -> Format {
    let ranges = || accept.unwrap_or_default().split(',').filter_map(Range::parse);
    let open = Offer::OPEN_METRICS.worth(ranges());
    let classic = Offer::CLASSIC.worth(ranges());
    let named = open.specificity >= NAMED;
    if open.quality > classic.quality
        || (named && open.quality > 0 && open.quality >= classic.quality)
    {
        Format::OpenMetrics
    } else {
        Format::Classic
    }
}

/// A format as a media type.
struct Offer {
    kind: &'static str,
    subtype: &'static str,
    version: &'static str,
}

/// What a header makes of an offer: how closely it names it, and how much it wants it in
/// thousandths. The closer range wins, whatever its quality.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Worth {
    specificity: u8,
    quality: u16,
}

/// The specificity of a range with type and subtype.
const NAMED: u8 = 3;

impl Offer {
    const OPEN_METRICS: Self =
        Self { kind: "application", subtype: "openmetrics-text", version: "1.0.0" };
    const CLASSIC: Self = Self { kind: "text", subtype: "plain", version: "0.0.4" };

    fn worth<'r>(&self, ranges: impl Iterator<Item = Range<'r>>) -> Worth {
        ranges.filter_map(|range| self.worth_in(&range)).max().unwrap_or_default()
    }

    fn worth_in(&self, range: &Range<'_>) -> Option<Worth> {
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        let specificity = match (range.kind, range.subtype, range.version) {
            ("*", "*", _) => 1,
            (kind, "*", _) if same(kind, self.kind) => 2,
            (kind, subtype, version) if same(kind, self.kind) && same(subtype, self.subtype) => {
                match version {
                    None => NAMED,
                    Some(version) if version == self.version => NAMED + 1,
                    Some(_) => return None,
                }
            }
            _ => return None,
        };
        Some(Worth { specificity, quality: range.quality })
    }
}

/// One media range of the header.
struct Range<'h> {
    kind: &'h str,
    subtype: &'h str,
    version: Option<&'h str>,
    quality: u16,
}

impl<'h> Range<'h> {
    /// A range whose type or quality is malformed is left out.
    fn parse(text: &'h str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let mut range = Self { kind, subtype, version: None, quality: 1000 };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match name.trim() {
                name if name.eq_ignore_ascii_case("q") => range.quality = quality(value)?,
                name if name.eq_ignore_ascii_case("version") => range.version = Some(value),
                _ => {}
            }
        }
        Some(range)
    }
}

/// A quality in thousandths.
#[expect(clippy::cast_possible_truncation, reason = "checked to be within 0 and 1000")]
#[expect(clippy::cast_sign_loss, reason = "checked to be within 0 and 1000")]
pub(super) fn quality(text: &str) -> Option<u16> {
    let value: f64 = text.parse().ok()?;
    (0.0..=1.0).contains(&value).then(|| (value * 1000.0).round() as u16)
}

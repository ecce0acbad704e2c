//! A length of time as Prometheus writes it.

use std::fmt;
use std::str::FromStr;

const UNITS: [(char, u64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A whole number of seconds, read and written as Prometheus does: `90s`, `10m`, `1h30m`, `30d`.
///
/// ```
/// let window: kyros_schema::Duration = "1h30m".parse().unwrap();
/// assert_eq!(window.as_secs(), 5400);
/// assert_eq!(window.to_string(), "1h30m");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

impl Duration {
    /// A duration of so many seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The number of seconds.
    pub const fn as_secs(self) -> u64 {
        self.0
    }
}

impl FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut rest = text;
        let mut seconds = 0_u64;
        while !rest.is_empty() {
            let (part, after) = leading(rest).ok_or_else(|| malformed(text))?;
            seconds = seconds.checked_add(part).ok_or_else(|| malformed(text))?;
            rest = after;
        }
        if text.is_empty() { Err(malformed(text)) } else { Ok(Self(seconds)) }
    }
}

/// Splits the first `<digits><unit>` off, in seconds.
fn leading(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, rest) = text.split_at(end);
    let unit = rest.chars().next()?;
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
    Some((digits.parse::<u64>().ok()?.checked_mul(*seconds)?, rest.get(1..)?))
}

fn malformed(text: &str) -> String {
    format!("not a duration such as `90s`, `10m` or `1h30m`: `{text}`")
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        for (unit, seconds) in UNITS.into_iter().skip(1) {
            if rest >= seconds {
                write!(f, "{}{unit}", rest / seconds)?;
                rest %= seconds;
            }
        }
        if self.0 == 0 { f.write_str("0s") } else { Ok(()) }
    }
}

//! A decimal number that keeps its exact text.

use std::fmt;
use std::str::FromStr;

/// A finite, non-negative decimal such as `0.02`, kept as written: what a schema says is what a
/// rule file prints.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(String);

impl Decimal {
    pub(crate) fn one() -> Self {
        Self("1".to_owned())
    }

    /// The digits as written, without underscores.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest float.
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or(0.0)
    }
}

impl FromStr for Decimal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.replace('_', "");
        match digits.parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(Self(digits)),
            _ => Err(format!("not a decimal number of 0 or more: `{text}`")),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

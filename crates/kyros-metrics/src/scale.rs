//! Fixed point: what one step of an integer cell is worth.

use std::fmt::Write;

use kyros_schema::Unit;

/// The most one sample can add, in steps; what is larger counts as this much.
const MOST: f64 = 4_611_686_018_427_387_904.0;

/// Steps per unit: a power of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scale(u64);

impl Scale {
    /// Seconds in nanoseconds, bytes in bytes, anything else in millionths.
    pub(crate) fn of(unit: Unit) -> Self {
        match unit {
            Unit::Seconds => Self(1_000_000_000),
            Unit::Bytes => Self(1),
            Unit::None | Unit::Ratio => Self(1_000_000),
        }
    }

    /// The nearest number of steps; 0 for what is negative or not finite.
    #[expect(clippy::cast_possible_truncation, reason = "clamped to what fits")]
    #[expect(clippy::cast_sign_loss, reason = "clamped to 0 and more")]
    pub(crate) fn steps(self, value: f64) -> u64 {
        if !value.is_finite() {
            return 0;
        }
        (value * self.factor()).round().clamp(0.0, MOST) as u64
    }

    /// The nearest float.
    #[expect(clippy::cast_precision_loss, reason = "an approximation is asked for")]
    pub(crate) fn float(self, steps: u64) -> f64 {
        steps as f64 / self.factor()
    }

    /// The whole number, where it is one.
    pub(crate) fn whole(self, steps: u64) -> Option<u64> {
        steps.is_multiple_of(self.0).then(|| steps / self.0)
    }

    /// Appends the exact decimal.
    pub(crate) fn write(self, steps: u64, out: &mut String) {
        let _ = write!(out, "{}", steps / self.0);
        let rest = steps % self.0;
        if rest > 0 {
            let digits = self.0.ilog10() as usize;
            let _ = write!(out, ".{rest:0digits$}");
            out.truncate(out.trim_end_matches('0').len());
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "powers of ten up to 10^9 are exact")]
    fn factor(self) -> f64 {
        self.0 as f64
    }
}

//! Floats as text, as Go and so Prometheus write them.

use std::fmt::Write;

/// Appends the shortest text that reads as the same float; whole numbers without a fraction.
pub(super) fn write_float(value: f64, out: &mut String) {
    write_canonical(value, out);
    if out.ends_with(".0") {
        out.truncate(out.len() - 2);
    }
}

/// Appends the canonical text of `OpenMetrics`: whole numbers end in `.0`, and what is below
/// 0.0001 or from a million on has an exponent.
pub(super) fn write_canonical(value: f64, out: &mut String) {
    if value.is_nan() {
        out.push_str("NaN");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
    } else {
        write_finite(value, out);
    }
}

fn write_finite(value: f64, out: &mut String) {
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let _ = if (-4..6).contains(&exponent) {
        write!(out, "{value:?}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        write!(out, "{mantissa}e{sign}{:02}", exponent.abs())
    };
}

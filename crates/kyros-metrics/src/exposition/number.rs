//! Numbers as text; floats as Go and so Prometheus write them.

use std::fmt::Write;

/// Appends a whole number.
pub(super) fn write_whole(number: u64, out: &mut String) {
    out.push_str(itoa::Buffer::new().format(number));
}

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
    } else if value == 0.0 || (1e-4..1e6).contains(&value.abs()) {
        out.push_str(zmij::Buffer::new().format_finite(value));
    } else {
        write_scientific(value, out);
    }
}

fn write_scientific(value: f64, out: &mut String) {
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(out, "{mantissa}e{sign}{:02}", exponent.abs());
}

/// Appends the bytes in hexadecimal.
pub(super) fn write_hex(bytes: &[u8], out: &mut String) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    out.extend(nibbles.map(|nibble| DIGITS[usize::from(nibble)]));
}

/// Appends seconds with three digits after the point.
pub(super) fn write_seconds(milliseconds: u64, out: &mut String) {
    write_whole(milliseconds / 1000, out);
    let at = out.len();
    // The 1 keeps the zeros; the point takes its place.
    write_whole(1000 + milliseconds % 1000, out);
    out.replace_range(at..=at, ".");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(write: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn floats_have_an_exponent_where_open_metrics_wants_one() {
        let check = |value, canonical, short| {
            assert_eq!(text(|out| write_canonical(value, out)), canonical);
            assert_eq!(text(|out| write_float(value, out)), short);
        };
        check(0.0, "0.0", "0");
        check(-0.0, "-0.0", "-0");
        check(1.0, "1.0", "1");
        check(0.0001, "0.0001", "0.0001");
        check(0.000_099_999, "9.9999e-05", "9.9999e-05");
        check(999_999.999, "999999.999", "999999.999");
        check(-1e6, "-1e+06", "-1e+06");
        check(1.25e100, "1.25e+100", "1.25e+100");
        check(f64::NAN, "NaN", "NaN");
        check(f64::NEG_INFINITY, "-Inf", "-Inf");
    }

    #[test]
    fn seconds_have_three_digits_after_the_point() {
        for (milliseconds, expected) in
            [(0, "0.000"), (7, "0.007"), (1_764_000_000_120, "1764000000.120")]
        {
            assert_eq!(text(|out| write_seconds(milliseconds, out)), expected);
        }
    }

    proptest! {
        /// The standard library is the oracle of the digits.
        #[test]
        fn a_float_is_written_as_the_shortest_text_that_reads_as_the_same(value: f64) {
            let written = text(|out| write_float(value, out));
            prop_assert_eq!(written.parse::<f64>().unwrap().to_bits(), value.to_bits());
            let digits = |text: &str| {
                let mantissa = text.split('e').next().unwrap_or_default().replace(['.', '-'], "");
                mantissa.trim_matches('0').to_owned()
            };
            prop_assert_eq!(digits(&written), digits(&format!("{value:e}")));
        }

        #[test]
        fn floats_without_an_exponent_read_as_rust_writes_them(value in -1e6..1e6_f64) {
            prop_assume!(value.abs() >= 1e-4);
            prop_assert_eq!(text(|out| write_canonical(value, out)), format!("{value:?}"));
        }

        #[test]
        fn hexadecimal_is_as_rust_writes_it(bytes: [u8; 16]) {
            let number = u128::from_be_bytes(bytes);
            prop_assert_eq!(text(|out| write_hex(&bytes, out)), format!("{number:032x}"));
        }
    }
}

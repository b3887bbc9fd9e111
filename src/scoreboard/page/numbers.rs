//! Numbers as people read them: three digits that count, and a unit that does not part from them.

/// A count, its thousands apart.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// A time that is given in seconds.
pub(super) fn seconds(seconds: f64) -> String {
    let size = seconds.abs();
    if !size.is_finite() {
        "–".to_owned()
    } else if size < 0.9995 {
        format!("{}\u{a0}ms", digits(seconds * 1e3))
    } else if size < 59.95 {
        format!("{}\u{a0}s", digits(seconds))
    } else {
        format!("{}\u{a0}min", digits(seconds / 60.0))
    }
}

/// US dollars.
pub(super) fn dollars(dollars: f64) -> String {
    let sign = if dollars < 0.0 { "-" } else { "" };
    let size = dollars.abs();
    let digits = if size >= 1.0 {
        format!("{size:.2}")
    } else {
        digits(size)
    };
    format!("{sign}${}", thousands(&digits))
}

/// A part from 0 to 1.
pub(super) fn percent(part: f64) -> String {
    let percent = part * 100.0;
    let size = percent.abs();
    let digits = if !size.is_finite() {
        "–".to_owned()
    } else if size == 0.0 || size >= 99.95 {
        format!("{percent:.0}")
    } else if size >= 0.95 {
        trimmed(&format!("{percent:.1}"))
    } else if size >= 0.095 {
        trimmed(&format!("{percent:.2}"))
    } else {
        trimmed(&digits(percent))
    };
    format!("{}\u{a0}%", thousands(&digits))
}

/// A difference between two parts, in percentage points.
pub(super) fn points(difference: f64) -> String {
    percent(difference).replace('%', "points")
}

/// Any other number.
pub(super) fn plain(number: f64) -> String {
    thousands(&trimmed(&digits(number)))
}

/// With a sign in front, a true minus if it is less than nothing.
pub(super) fn signed(number: f64, unit: fn(f64) -> String) -> String {
    let shown = unit(number.abs());
    if number < 0.0 {
        format!("−{shown}")
    } else {
        format!("+{shown}")
    }
}

/// A chance that is too small to be shown as one.
pub(super) fn odds(chance: f64) -> String {
    if chance >= 0.001 {
        return percent(chance);
    }
    let against = 1.0 / chance;
    match against {
        _ if !against.is_finite() || against >= 1e9 => "less than one in a billion".to_owned(),
        million if million >= 1e6 => format!("one in {:.0} million", million / 1e6),
        thousand => format!("one in {:.0} thousand", thousand / 1e3),
    }
}

/// Without the zeros at its end that say nothing, as on an axis.
pub(super) fn tick(value: &str) -> String {
    match value.split_once('\u{a0}') {
        Some((digits, unit)) => format!("{}\u{a0}{unit}", trimmed(digits)),
        None => trimmed(value),
    }
}

/// Three digits that count, and all of those before the point.
fn digits(number: f64) -> String {
    let decimals = match number.abs() {
        size if size == 0.0 || size >= 99.95 || !size.is_finite() => 0,
        size if size >= 9.995 => 1,
        size if size >= 0.9995 => 2,
        size if size >= 0.09995 => 3,
        size if size >= 0.009_995 => 4,
        size if size >= 0.000_999_5 => 5,
        size if size >= 0.000_099_95 => 6,
        _ => 7,
    };
    format!("{number:.decimals$}")
}

fn trimmed(digits: &str) -> String {
    let is_whole = !digits.contains('.');
    let shown = digits.trim_end_matches('0').trim_end_matches('.');
    if is_whole { digits } else { shown }.to_owned()
}

/// Sets apart the thousands of a number that may have a fraction.
fn thousands(digits: &str) -> String {
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    whole.parse().map_or_else(
        |_| digits.to_owned(),
        |whole| format!("{}{fraction}", count(whole)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown<const N: usize>(unit: fn(f64) -> String, numbers: [f64; N]) -> [String; N] {
        numbers.map(|number| unit(number).replace('\u{a0}', " "))
    }

    #[test]
    fn counts_are_grouped() {
        let numbers = [0, 999, 1_000, 1_234_567];
        assert_eq!(numbers.map(count), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn times_have_the_unit_that_they_are_read_in() {
        assert_eq!(
            shown(
                seconds,
                [
                    0.0,
                    0.000_42,
                    0.0412,
                    0.4123,
                    0.9996,
                    2.413,
                    24.13,
                    95.0,
                    f64::NAN
                ]
            ),
            [
                "0 ms", "0.420 ms", "41.2 ms", "412 ms", "1.00 s", "2.41 s", "24.1 s", "1.58 min",
                "–"
            ]
        );
    }

    #[test]
    fn dollars_are_cents_or_three_digits_below_them() {
        assert_eq!(
            shown(dollars, [0.0, 0.000_123_4, 0.0123, 1.0, 1234.5, -0.5]),
            [
                "$0",
                "$0.000123",
                "$0.0123",
                "$1.00",
                "$1,234.50",
                "-$0.500"
            ]
        );
    }

    #[test]
    fn parts_are_shown_in_percent() {
        assert_eq!(
            shown(percent, [0.0, 0.000_4, 0.012, 0.123_4, 0.5, 1.0, 12.0]),
            [
                "0 %", "0.04 %", "1.2 %", "12.3 %", "50 %", "100 %", "1,200 %"
            ]
        );
    }

    #[test]
    fn a_small_chance_is_told_in_words() {
        assert_eq!(
            shown(odds, [0.25, 0.000_5, 2e-7, 0.0]),
            [
                "25 %",
                "one in 2 thousand",
                "one in 5 million",
                "less than one in a billion"
            ]
        );
    }

    #[test]
    fn a_difference_has_a_sign_and_a_tick_no_needless_zeros() {
        assert_eq!(signed(-0.18, seconds), "−180\u{a0}ms");
        assert_eq!(signed(0.0, percent), "+0\u{a0}%");
        assert_eq!(tick(&seconds(2.0)), "2\u{a0}s");
        assert_eq!(tick(&seconds(0.5)), "500\u{a0}ms");
    }
}

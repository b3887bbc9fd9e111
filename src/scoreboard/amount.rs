use super::{Interval, Metric};

/// How the amounts of a comparison are written: all in one unit, and with as many digits as the interval is sure of.
#[derive(Debug)]
pub(super) struct Amounts {
    before: &'static str,
    scale: f64,
    behind: &'static str,
    decimals: usize,
}

impl Amounts {
    pub(super) fn of(metric: Metric, difference: &Interval) -> Self {
        let greatest = difference.low.abs().max(difference.high.abs());
        let (before, scale, behind) = match metric {
            Metric::FirstContent | Metric::Total | Metric::Gap => time(greatest),
            Metric::ErrorRate | Metric::EmptyRate => ("", 100.0, " percentage points"),
            Metric::Cost => ("$", 1.0, ""),
            Metric::OutputTokens => ("", 1.0, " tokens"),
            Metric::Score => ("", 1.0, ""),
        };
        let half = (difference.high - difference.low) / 2.0;
        Self {
            before,
            scale,
            behind,
            decimals: decimals(half * scale, greatest * scale),
        }
    }

    /// As in `180 ms`.
    pub(super) fn with_unit(&self, amount: f64) -> String {
        format!("{}{}{}", self.before, self.plain(amount), self.behind)
    }

    /// As in `120–240`.
    pub(super) fn range(&self, interval: &Interval) -> String {
        format!("{}–{}", self.plain(interval.low), self.plain(interval.high))
    }

    /// As in `−20 to +35 ms`.
    pub(super) fn signed(&self, interval: &Interval) -> String {
        let signed = |amount: f64| {
            let sign = if amount < 0.0 { '−' } else { '+' };
            format!("{sign}{}{}", self.before, self.plain(amount.abs()))
        };
        let (low, high) = (signed(interval.low), signed(interval.high));
        format!("{low} to {high}{}", self.behind)
    }

    fn plain(&self, amount: f64) -> String {
        format!("{:.*}", self.decimals, amount * self.scale)
    }
}

fn time(greatest: f64) -> (&'static str, f64, &'static str) {
    match greatest {
        seconds if seconds >= 1.0 => ("", 1.0, " s"),
        seconds if seconds >= 1e-3 => ("", 1e3, " ms"),
        _ => ("", 1e6, " µs"),
    }
}

/// As many decimals as show two digits of half an interval, but not more of the greatest amount than three, unless half the
/// interval has none else.
fn decimals(half: f64, greatest: f64) -> usize {
    let of_interval = digits(half, 2);
    of_interval.min(digits(greatest, 3).max(digits(half, 1)))
}

/// So many decimals show so many digits of a number; six at most.
fn digits(number: f64, digits: i32) -> usize {
    let enough = 10_f64.powi(digits - 1);
    let shown = |decimals: &i32| number * 10_f64.powi(*decimals) >= enough;
    let decimals = (0..6).find(shown).unwrap_or(6);
    usize::try_from(decimals).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(metric: Metric, estimate: f64, half: f64) -> String {
        let (low, high) = (estimate - half, estimate + half);
        let interval = Interval {
            estimate,
            low,
            high,
        };
        let amounts = Amounts::of(metric, &interval);
        format!(
            "{} ({})",
            amounts.with_unit(estimate),
            amounts.range(&interval)
        )
    }

    #[test]
    fn amounts_have_a_unit_that_fits_and_no_digits_that_say_nothing() {
        let times = [
            (0.18, 0.06, "180 ms (120–240)"),
            (0.1, 0.004, "100 ms (96–104)"),
            (1.234, 0.31, "1.23 s (0.92–1.54)"),
            (754.0, 40.0, "754 s (714–794)"),
            (0.000_2, 0.000_05, "200 µs (150–250)"),
        ];
        for (estimate, half, expected) in times {
            assert_eq!(written(Metric::Gap, estimate, half), expected);
        }
        let others = [
            (Metric::Cost, 0.011, 0.000_057, "$0.01100 (0.01094–0.01106)"),
            (Metric::Cost, 12.0, 3.0, "$12.0 (9.0–15.0)"),
            (
                Metric::ErrorRate,
                0.012,
                0.004,
                "1.20 percentage points (0.80–1.60)",
            ),
            (Metric::OutputTokens, 35.0, 15.0, "35 tokens (20–50)"),
            (Metric::Score, 0.06, 0.04, "0.060 (0.020–0.100)"),
            (Metric::Score, 0.5, 0.0, "0.500000 (0.500000–0.500000)"),
        ];
        for (metric, estimate, half, expected) in others {
            assert_eq!(written(metric, estimate, half), expected);
        }
    }
}

//! A difference as a point with its interval, against a line where there is none.

use std::fmt::{self, Write as _};

use super::{
    super::{Comparison, Interval, Verdict},
    metrics::{self, name},
    numbers::{signed, tick},
};

/// The least that the plot reaches to both sides, as a part of control's mean: what differs by little looks so.
const REACH: f64 = 0.1;

pub(super) fn write(
    page: &mut String,
    id: &str,
    comparison: &Comparison,
    interval: &Interval,
) -> fmt::Result {
    let scale = Scale::around(comparison, interval);
    let (low, high) = (scale.place(interval.low), scale.place(interval.high));
    let at = scale.place(interval.estimate);
    let unit = metrics::difference(comparison.metric);
    let is_open = matches!(comparison.verdict, Verdict::Undecided | Verdict::TooFew);
    let point = if is_open { "point ring" } else { "point" };
    let end = |sign: f64| tick(&signed(sign * scale.reach, unit));
    write!(
        page,
        "<svg class=\"difference\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\" width=\"100%\" height=\"46\">\
         <title id=\"{id}-t\">{}: difference from control</title>\
         <desc id=\"{id}-d\">{}, between {} and {}.</desc>\n\
         <line class=\"base\" x1=\"0\" x2=\"100%\" y1=\"16\" y2=\"16\"/>\
         <line class=\"zero\" x1=\"50%\" x2=\"50%\" y1=\"2\" y2=\"30\"/>\
         <line class=\"range\" x1=\"{low:.2}%\" x2=\"{high:.2}%\" y1=\"16\" y2=\"16\"/>\
         <circle class=\"{point}\" cx=\"{at:.2}%\" cy=\"16\" r=\"5\"/>\n\
         <text x=\"0\" y=\"43\">{}</text><text x=\"50%\" y=\"43\" text-anchor=\"middle\">0</text>\
         <text x=\"100%\" y=\"43\" text-anchor=\"end\">{}</text></svg>\n",
        name(comparison.metric),
        signed(interval.estimate, unit),
        signed(interval.low, unit),
        signed(interval.high, unit),
        end(-1.0),
        end(1.0),
    )
}

/// As much to both sides of no difference.
struct Scale {
    reach: f64,
}

impl Scale {
    fn around(comparison: &Comparison, interval: &Interval) -> Self {
        let least = comparison.control.unwrap_or_default().abs() * REACH;
        let ends = [interval.low, interval.high, least].map(f64::abs);
        let reach = ends.into_iter().fold(0.0, f64::max);
        let reach = if reach > 0.0 { round(reach) } else { 1.0 };
        Self { reach }
    }

    /// Where a difference is, from 0 to 100.
    fn place(&self, difference: f64) -> f64 {
        50.0 + (difference / self.reach).clamp(-1.0, 1.0) * 49.0
    }
}

/// The next round number that is not less.
fn round(number: f64) -> f64 {
    let decade = 10_f64.powf(number.log10().floor());
    let steps = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0];
    let step = steps.into_iter().find(|step| step * decade >= number);
    step.unwrap_or(10.0) * decade
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_ends_at_the_next_round_number() {
        let rounded = [0.18, 0.2, 0.21, 9.1, 84.0].map(round);
        for (rounded, expected) in rounded.into_iter().zip([0.2, 0.2, 0.3, 10.0, 100.0]) {
            assert!((rounded - expected).abs() < 1e-9, "{rounded}");
        }
    }
}

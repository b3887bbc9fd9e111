use super::{Comparison, Interval, Metric, Verdict, amount::Amounts, comparison::LEAST};

/// What a comparison says, in words. Of the arm that less is known of, so much is known.
pub(super) fn sentence(comparison: &Comparison, known: u64) -> String {
    let what = plural(comparison.metric);
    let (Some(difference), false) = (comparison.difference, comparison.verdict == Verdict::TooFew)
    else {
        return too_few(what, known);
    };
    let amounts = Amounts::of(comparison.metric, &difference);
    if comparison.verdict == Verdict::Undecided {
        let interval = amounts.signed(&difference);
        return format!("{what} do not differ yet (95 % CI {interval})");
    }
    let less = difference.estimate < 0.0;
    let size = size(&difference);
    let (arm, amount) = (&comparison.arm, amounts.with_unit(size.estimate));
    let does = does(comparison.metric, less, &amount, times(comparison));
    format!("{arm} {does} (95 % CI {})", amounts.range(&size))
}

fn too_few(what: &str, known: u64) -> String {
    match known {
        0 => format!("nothing is known of {what} yet"),
        known if known < LEAST => {
            format!("too few requests yet to compare {what}: {known} of {LEAST}")
        }
        _ => format!("too few different callers yet to compare {what}"),
    }
}

/// A difference without its direction.
fn size(difference: &Interval) -> Interval {
    if difference.estimate < 0.0 {
        return Interval {
            estimate: -difference.estimate,
            low: -difference.high,
            high: -difference.low,
        };
    }
    *difference
}

/// How many times as much as control's, where that can be said.
fn times(comparison: &Comparison) -> Option<f64> {
    let (control, challenger) = (comparison.control?, comparison.challenger?);
    (control > 0.0).then(|| challenger / control)
}

fn plural(metric: Metric) -> &'static str {
    match metric {
        Metric::FirstContent => "times to the first content",
        Metric::Total => "times to the end",
        Metric::Gap => "pauses between pieces",
        Metric::ErrorRate => "error rates",
        Metric::EmptyRate => "rates of empty answers",
        Metric::Cost => "costs",
        Metric::OutputTokens => "numbers of tokens",
        Metric::Score => "scores",
    }
}

fn does(metric: Metric, less: bool, amount: &str, times: Option<f64>) -> String {
    let either = |when_less: &'static str, when_more| if less { when_less } else { when_more };
    match metric {
        Metric::FirstContent => format!("answers {amount} {}", either("sooner", "later")),
        Metric::Total => format!("is done {amount} {}", either("sooner", "later")),
        Metric::Gap => format!("pauses {amount} {} between pieces", either("less", "more")),
        Metric::ErrorRate => format!("fails {amount} {} often", either("less", "more")),
        Metric::EmptyRate => format!("says nothing {amount} {} often", either("less", "more")),
        Metric::Cost => {
            let by = format!("{amount} {} per request", either("less", "more"));
            match times {
                Some(times) => format!("costs {} as much, {by}", ratio(times)),
                None => format!("costs {by}"),
            }
        }
        Metric::OutputTokens => format!("writes {amount} {}", either("less", "more")),
        Metric::Score => format!("scores {amount} {}", either("lower", "higher")),
    }
}

fn ratio(times: f64) -> String {
    if times < 0.995 || (1.0..1.1).contains(&times) {
        format!("{times:.2}×")
    } else if times < 9.95 {
        format!("{times:.1}×")
    } else {
        format!("{times:.0}×")
    }
}

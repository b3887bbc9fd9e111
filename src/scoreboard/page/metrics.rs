//! What each metric is called, and the unit that it is shown in.

use super::{
    super::{Comparison, Metric, Verdict},
    numbers::{dollars, percent, plain, points, seconds},
};

/// Its name.
pub(super) const fn name(metric: Metric) -> &'static str {
    match metric {
        Metric::FirstContent => "Time to first content",
        Metric::Total => "Time to whole answer",
        Metric::Gap => "Time between pieces",
        Metric::ErrorRate => "Error rate",
        Metric::EmptyRate => "Empty answers",
        Metric::Cost => "Cost per request",
        Metric::OutputTokens => "Tokens generated",
        Metric::Score => "Score",
    }
}

/// How a value of it is shown.
pub(super) fn unit(metric: Metric) -> fn(f64) -> String {
    match metric {
        Metric::FirstContent | Metric::Total | Metric::Gap => seconds,
        Metric::ErrorRate | Metric::EmptyRate => percent,
        Metric::Cost => dollars,
        Metric::OutputTokens | Metric::Score => plain,
    }
}

/// How a difference between two values of it is shown: of parts, in percentage points.
pub(super) fn difference(metric: Metric) -> fn(f64) -> String {
    match metric {
        Metric::ErrorRate | Metric::EmptyRate => points,
        other => unit(other),
    }
}

/// What a verdict is called.
pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "Better",
        Verdict::Worse => "Worse",
        Verdict::Differs => "Differs",
        Verdict::Undecided => "Not decided",
        Verdict::TooFew => "Too few",
    }
}

/// The class of its colour.
pub(super) const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Differs => "differs",
        Verdict::Undecided | Verdict::TooFew => "open",
    }
}

/// What an arm does more or less than control, such as `starts 29 % sooner`; `None` if nothing has been decided.
pub(super) fn clause(comparison: &Comparison) -> Option<String> {
    let decided = matches!(
        comparison.verdict,
        Verdict::Better | Verdict::Worse | Verdict::Differs
    );
    let estimate = comparison.difference?.estimate;
    let control = comparison.control.filter(|control| *control > 0.0);
    let part = control.map(|control| estimate / control);
    let by = part.map(|part| format!(" {}", percent(rounded(part.abs()))));
    let by = by.unwrap_or_default();
    let (less, more) = match comparison.metric {
        Metric::FirstContent => (format!("starts{by} sooner"), format!("starts{by} later")),
        Metric::Total => (
            format!("finishes{by} sooner"),
            format!("finishes{by} later"),
        ),
        Metric::Gap => (format!("streams{by} faster"), format!("streams{by} slower")),
        Metric::ErrorRate => ("fails less often".into(), "fails more often".into()),
        Metric::EmptyRate => ("is empty less often".into(), "is empty more often".into()),
        Metric::Cost => match part {
            Some(part) if part >= 1.0 => {
                (String::new(), format!("costs {:.1}× as much", part + 1.0))
            }
            _ => (format!("costs{by} less"), format!("costs{by} more")),
        },
        Metric::OutputTokens => (format!("writes{by} less"), format!("writes{by} more")),
        Metric::Score => ("scores lower".into(), "scores higher".into()),
    };
    decided.then_some(if estimate < 0.0 { less } else { more })
}

/// To whole percents, but for what would be none.
fn rounded(part: f64) -> f64 {
    if part < 0.01 {
        part
    } else {
        (part * 100.0).round() / 100.0
    }
}

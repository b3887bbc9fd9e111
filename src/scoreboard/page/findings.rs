//! What an arm differs in from control: for each metric a verdict, a sentence, and the interval.

use std::fmt::{self, Write as _};

use super::{
    super::{Comparison, ExperimentReport, Interval},
    difference,
    markup::{Arm, Identifiers, Text, colour},
    metrics::{class, name, unit, verdict},
    numbers::percent,
};

pub(super) fn write(
    page: &mut String,
    ids: &Identifiers,
    experiment: &ExperimentReport,
    level: f64,
) -> fmt::Result {
    let Some((control, others)) = experiment.arms.split_first() else {
        return Ok(());
    };
    for (place, arm) in (1..).zip(others) {
        let of_arm = experiment
            .comparisons
            .iter()
            .filter(|one| one.arm == arm.id);
        let of_arm: Vec<&Comparison> = of_arm.collect();
        if of_arm.is_empty() {
            continue;
        }
        write!(
            page,
            "<h3>{} against {}</h3>\n<p class=\"lead\">Means. A bar is where the difference lies with {} confidence; the \
             line is control.</p>\n<ul class=\"findings\">\n",
            Arm { place, id: &arm.id },
            Arm {
                place: 0,
                id: &control.id
            },
            percent(level),
        )?;
        for (number, comparison) in of_arm.into_iter().enumerate() {
            let id = ids.of(&format!("{place}-{number}"));
            let says = Says::of(experiment, comparison);
            write_one(page, &id, place, comparison, &says)?;
        }
        page.write_str("</ul>\n")?;
    }
    Ok(())
}

/// A verdict, and the class of its colour.
struct Says {
    verdict: &'static str,
    class: &'static str,
}

impl Says {
    /// Where the split is off, there is none.
    fn of(experiment: &ExperimentReport, comparison: &Comparison) -> Self {
        if experiment.mismatch.alarm {
            return Self {
                verdict: "Not to be trusted",
                class: "open",
            };
        }
        Self {
            verdict: verdict(comparison.verdict),
            class: class(comparison.verdict),
        }
    }
}

fn write_one(
    page: &mut String,
    id: &str,
    place: usize,
    comparison: &Comparison,
    says: &Says,
) -> fmt::Result {
    let metric = comparison.metric;
    let value = |value: Option<f64>| value.map_or("–".to_owned(), unit(metric));
    write!(
        page,
        "<li class=\"{}\">\n<div class=\"what\"><h4>{}</h4><p><span class=\"{}\">{}</span> against {}</p></div>\n",
        says.class,
        name(metric),
        colour(place),
        value(comparison.challenger),
        value(comparison.control),
    )?;
    let bounds = |interval: &Interval| [interval.low, interval.estimate, interval.high];
    let is_finite = |interval: &Interval| bounds(interval).into_iter().all(f64::is_finite);
    match comparison.difference.as_ref().filter(|it| is_finite(it)) {
        Some(interval) => difference::write(page, id, comparison, interval)?,
        None => page.write_str("<div class=\"difference none\"></div>\n")?,
    }
    write!(
        page,
        "<p class=\"verdict\">{}</p>\n<p class=\"sentence\">{}</p>\n</li>\n",
        says.verdict,
        Text(&comparison.sentence),
    )
}

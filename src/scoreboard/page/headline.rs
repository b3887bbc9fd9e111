//! What an experiment has come to, in one sentence for each arm.

use std::fmt::{self, Write as _};

use super::{
    super::{ArmReport, Comparison, ExperimentReport, Verdict},
    markup::{Arm, Text},
    metrics::{clause, name},
    numbers::{count, odds, plain},
};

/// The same in two or three words, for a list of experiments.
pub(super) fn state(experiment: &ExperimentReport) -> String {
    if experiment.mismatch.alarm {
        return "the split is off".to_owned();
    }
    if experiment.too_few {
        return "too early to tell".to_owned();
    }
    let number = |verdict| {
        let all = experiment.comparisons.iter();
        all.filter(|one| one.verdict == verdict).count()
    };
    match (
        number(Verdict::Better),
        number(Verdict::Worse),
        number(Verdict::Differs),
    ) {
        (0, 0, 0) => "no difference yet".to_owned(),
        (0, 0, differ) => format!("{differ} differ"),
        (better, worse, _) => format!("{better} better, {worse} worse"),
    }
}

/// A sentence for each arm but control, and what they rest on; or the alarm, with which there is nothing else to say.
pub(super) fn write(page: &mut String, experiment: &ExperimentReport) -> fmt::Result {
    if experiment.mismatch.alarm {
        return write_alarm(page, experiment);
    }
    page.write_str("<div class=\"headline\">\n")?;
    let others = experiment.arms.split_first();
    for (place, arm) in (1..).zip(others.map_or(&[][..], |(_, others)| others)) {
        let of_arm = experiment.comparisons.iter();
        let of_arm = of_arm.filter(|one| one.arm == arm.id);
        let of_arm: Vec<&Comparison> = of_arm.collect();
        let arm = Arm { place, id: &arm.id };
        write_arm(page, &arm, experiment, &of_arm)?;
    }
    page.write_str("</div>\n")?;
    write_basis(page, experiment)
}

fn write_arm(
    page: &mut String,
    arm: &Arm<'_>,
    experiment: &ExperimentReport,
    all: &[&Comparison],
) -> fmt::Result {
    let with = |verdicts: &[Verdict]| -> Vec<String> {
        let some = all.iter().filter(|one| verdicts.contains(&one.verdict));
        some.filter_map(|one| clause(one)).collect()
    };
    let for_it = with(&[Verdict::Better, Verdict::Differs]);
    let against = with(&[Verdict::Worse]);
    page.write_str("<p class=\"says\">")?;
    let control = experiment.arms.first().map_or("control", |arm| &arm.id);
    let control = Arm {
        place: 0,
        id: control,
    };
    match (for_it.is_empty(), against.is_empty()) {
        (true, true) if all.iter().all(|one| one.verdict == Verdict::TooFew) => {
            write!(page, "Too early to tell how {arm} does.")?;
        }
        (true, true) => write!(page, "{arm} and {control} do not differ yet.")?,
        (false, true) => write!(page, "{arm} {}.", listed(&for_it))?,
        (true, false) => write!(page, "{arm} {}.", listed(&against))?,
        (false, false) => write!(page, "{arm} {}, but {}.", listed(&for_it), listed(&against))?,
    }
    page.write_str("</p>\n")?;
    let open = all.iter().filter(|one| one.verdict == Verdict::Undecided);
    let open: Vec<String> = open.map(|one| name(one.metric).to_lowercase()).collect();
    if !open.is_empty() && open.len() < all.len() {
        writeln!(
            page,
            "<p class=\"open\">Not decided yet: {}.</p>",
            listed(&open)
        )?;
    }
    Ok(())
}

/// What is wrong with the shares of the arms.
fn write_alarm(page: &mut String, experiment: &ExperimentReport) -> fmt::Result {
    let mismatch = &experiment.mismatch;
    page.write_str(
        "<div class=\"alarm\">\n<p class=\"says\">The split is off: trust none of these comparisons.</p>\n<p>",
    )?;
    let units = mismatch.seen.iter().zip(&mismatch.expected);
    for (arm, (seen, expected)) in experiment.arms.iter().zip(units) {
        write!(
            page,
            "{} has {} callers and should have {}. ",
            Text(&arm.id),
            count(*seen),
            plain(expected.round()),
        )?;
    }
    writeln!(
        page,
        "By chance, that happens in {} of such experiments. Something loses requests of one arm, or sends them \
         elsewhere; find it first.</p>\n</div>",
        odds(mismatch.p)
    )
}

/// How much it rests on.
fn write_basis(page: &mut String, experiment: &ExperimentReport) -> fmt::Result {
    page.write_str("<p class=\"basis\">")?;
    if experiment.too_few {
        let short = |arm: &&ArmReport| arm.requests < experiment.least;
        let few = experiment.arms.iter().filter(short);
        let few: Vec<String> = few
            .map(|arm| format!("{} has {}", Text(&arm.id), count(arm.requests)))
            .collect();
        write!(
            page,
            "A verdict needs {} requests of each arm",
            count(experiment.least)
        )?;
        if !few.is_empty() {
            write!(page, "; {}", listed(&few))?;
        }
        page.write_str(". ")?;
    } else if !experiment.mismatch.alarm {
        page.write_str("The arms have the shares of the callers that they should. ")?;
    }
    match experiment.excluded {
        0 => {}
        1 => page.write_str("One request had no part in it. ")?,
        many => write!(page, "{} requests had no part in it. ", count(many))?,
    }
    page.write_str("</p>\n")
}

/// As a list in a sentence.
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

//! How the times of the arms are distributed: one below the other, on the same scales.

use std::fmt::{self, Write as _};

use super::{
    super::{ArmReport, Bin, Distribution, ExperimentReport, statistics::float},
    axis::Axis,
    markup::{Identifiers, Text, colour},
    numbers::{seconds, tick},
};

/// What is shown: for names of elements, for people, and how to get it.
type Figure = (&'static str, &'static str, fn(&ArmReport) -> &Distribution);

const FIGURES: [Figure; 3] = [
    ("first", "Time to first content (TTFT)", |arm| {
        &arm.first_content
    }),
    ("total", "Time to whole answer", |arm| &arm.total),
    ("gap", "Time between pieces", |arm| &arm.gap),
];

/// Heights in pixels: of the line that names an arm, of its bars, of both with room below, of the axis.
const LABEL: usize = 18;
const BARS: usize = 44;
const ROW: usize = LABEL + BARS + 12;
const AXIS: usize = 20;

/// Most bars of a plot.
const MOST_BARS: usize = 30;

pub(super) fn write(
    page: &mut String,
    ids: &Identifiers,
    experiment: &ExperimentReport,
) -> fmt::Result {
    let arms = &experiment.arms;
    let known = FIGURES.iter().filter_map(|figure| {
        let axis = Axis::around(arms.iter().map(figure.2))?;
        Some((figure, axis))
    });
    let known: Vec<(&Figure, Axis)> = known.collect();
    if known.is_empty() {
        return Ok(());
    }
    page.write_str(
        "<h3>How times are spread</h3>\n<p class=\"lead\">Logarithmic, on the same scale for all arms. The line is the \
         median; of ten answers nine are left of the longer mark, of a hundred 99 left of the shorter one.</p>\n\
         <div class=\"spreads\">\n",
    )?;
    for ((key, name, distribution), axis) in known {
        let id = ids.of(key);
        write_figure(page, &id, name, axis, arms, *distribution)?;
    }
    page.write_str("</div>\n")
}

fn write_figure(
    page: &mut String,
    id: &str,
    name: &str,
    axis: Axis,
    arms: &[ArmReport],
    distribution: fn(&ArmReport) -> &Distribution,
) -> fmt::Result {
    let height = arms.len() * ROW + AXIS;
    write!(
        page,
        "<figure>\n<figcaption id=\"{id}-t\">{name}</figcaption>\n<svg class=\"spread\" role=\"img\" \
         aria-labelledby=\"{id}-t {id}-d\" width=\"100%\" height=\"{height}\">\n<desc id=\"{id}-d\">"
    )?;
    for arm in arms {
        write!(
            page,
            "{}: {}. ",
            Text(&arm.id),
            described(distribution(arm))
        )?;
    }
    page.write_str("</desc>\n")?;
    write_axis(page, axis, height)?;
    let all = arms.iter().map(distribution);
    let all = all.flat_map(|one| bars(one).into_iter().map(|bar| share(&bar, one)));
    let peak = all.fold(0.0, f64::max);
    for (place, arm) in arms.iter().enumerate() {
        write_arm(page, place, arm, distribution(arm), axis, peak)?;
    }
    page.write_str("</svg>\n</figure>\n")
}

fn described(distribution: &Distribution) -> String {
    let value = |value: Option<f64>| value.map_or("unknown".to_owned(), seconds);
    let Distribution { p50, p90, p99, .. } = distribution;
    let (p50, p90, p99) = (value(*p50), value(*p90), value(*p99));
    format!("median {p50}, nine of ten within {p90}, 99 of 100 within {p99}")
}

fn write_axis(page: &mut String, axis: Axis, height: usize) -> fmt::Result {
    let (bottom, baseline) = (height - AXIS, height - 4);
    for value in axis.ticks() {
        let at = axis.place(value);
        writeln!(
            page,
            "<line class=\"grid\" x1=\"{at:.2}%\" x2=\"{at:.2}%\" y1=\"0\" y2=\"{bottom}\"/>\
             <text x=\"{at:.2}%\" y=\"{baseline}\" text-anchor=\"middle\">{}</text>",
            tick(&seconds(value)),
        )?;
    }
    Ok(())
}

fn write_arm(
    page: &mut String,
    place: usize,
    arm: &ArmReport,
    distribution: &Distribution,
    axis: Axis,
    peak: f64,
) -> fmt::Result {
    let top = place * ROW;
    let (text, bars, floor) = (top + LABEL - 6, top + LABEL, top + LABEL + BARS);
    let median = distribution.p50.map_or("nothing yet".to_owned(), seconds);
    write!(
        page,
        "<g class=\"{}\">\n<text class=\"name\" x=\"0\" y=\"{text}\">{}</text>\
         <text class=\"median\" x=\"100%\" y=\"{text}\" text-anchor=\"end\">{median}</text>\n\
         <svg x=\"0\" y=\"{bars}\" width=\"100%\" height=\"{BARS}\" viewBox=\"0 0 100 100\" \
         preserveAspectRatio=\"none\"><path class=\"bars\" d=\"{}\"/></svg>\n\
         <line class=\"floor\" x1=\"0\" x2=\"100%\" y1=\"{floor}\" y2=\"{floor}\"/>",
        colour(place),
        Text(&arm.id),
        outline(distribution, axis, peak),
    )?;
    let marks = [
        (distribution.p50, bars, floor, "middle"),
        (distribution.p90, floor - 12, floor + 4, "tail"),
        (distribution.p99, floor - 4, floor + 4, "tail"),
    ];
    for (value, from, to, class) in marks {
        if let Some(value) = value {
            let at = axis.place(value);
            write!(
                page,
                "<line class=\"{class}\" x1=\"{at:.2}%\" x2=\"{at:.2}%\" y1=\"{from}\" y2=\"{to}\"/>"
            )?;
        }
    }
    page.write_str("\n</g>\n")
}

/// The bars of an arm in one line, in a square of 100 whose floor is below, without the seams that single bars would show.
/// The highest bar of all arms reaches its top.
fn outline(distribution: &Distribution, axis: Axis, peak: f64) -> String {
    let mut path = "M0 100".to_owned();
    let mut end = 0.0;
    // There is always room in a string.
    for bar in bars(distribution).iter().filter(|bar| bar.count > 0) {
        let (from, to) = (axis.place(bar.from), axis.place(bar.to));
        let top = 100.0 * (1.0 - share(bar, distribution) / peak);
        if from - end > 0.01 {
            let _ = write!(path, "V100H{from:.2}");
        }
        let _ = write!(path, "V{top:.1}H{to:.2}");
        end = to;
    }
    path.push_str("V100z");
    path
}

/// Its bins, some taken together if there are many: few answers in many bars are ragged.
fn bars(distribution: &Distribution) -> Vec<Bin> {
    let together = distribution.bins.len().div_ceil(MOST_BARS).max(1);
    let bars = distribution.bins.chunks(together).filter_map(|bins| {
        let (first, last) = (bins.first()?, bins.last()?);
        Some(Bin {
            from: first.from,
            to: last.to,
            count: bins.iter().map(|bin| bin.count).sum(),
        })
    });
    bars.collect()
}

/// The part of an arm's answers that a bar has: arms that get less traffic are no smaller.
fn share(bar: &Bin, distribution: &Distribution) -> f64 {
    let all = distribution.bins.iter().map(|bin| bin.count).sum::<u64>();
    float(bar.count) / float(all.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_side_by_side_and_on_the_floor_where_there_is_a_gap() {
        let bins = [
            (1.0, 10.0, 2),
            (10.0, 100.0, 4),
            (100.0, 1e3, 0),
            (1e3, 1e4, 4),
        ];
        let bins = bins.map(|(from, to, count)| Bin { from, to, count });
        let distribution = Distribution {
            bins: bins.into(),
            ..Distribution::default()
        };
        let axis = Axis::around([&distribution].into_iter()).unwrap();
        assert_eq!(
            outline(&distribution, axis, 0.4),
            "M0 100V100H2.83V50.0H26.42V0.0H50.00V100H73.58V0.0H97.17V100z"
        );
    }

    #[test]
    fn many_bins_are_taken_together_and_none_is_lost() {
        let bins = (1..=61_u32).map(|at| Bin {
            from: f64::from(at),
            to: f64::from(at + 1),
            count: u64::from(at),
        });
        let distribution = Distribution {
            bins: bins.collect(),
            ..Distribution::default()
        };
        let bars = bars(&distribution);
        assert_eq!(bars.len(), 21);
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<u64>(), 61 * 31);
        let seams = bars.iter().zip(bars.iter().skip(1));
        assert!(
            seams
                .into_iter()
                .all(|(one, next)| one.to.to_bits() == next.from.to_bits())
        );
    }
}

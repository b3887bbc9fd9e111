//! The arms side by side, in figures.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Write as _},
};

use super::{
    super::{ArmReport, Distribution, ExperimentReport, statistics::float},
    markup::{Arm, Identifiers, Text},
    numbers::{count, dollars, percent, plain, seconds},
};

/// What is said in one cell: a figure, and smaller what it is made of.
struct Cell {
    figure: String,
    detail: String,
}

/// A row; without a figure for any arm it is left out.
type Row = (&'static str, fn(&ArmReport) -> Option<Cell>);

const ROWS: [Row; 13] = [
    ("Requests", requests),
    ("Time to first content (TTFT)", |arm| {
        times(&arm.first_content)
    }),
    ("Time to whole answer", |arm| times(&arm.total)),
    ("Time between pieces", |arm| times(&arm.gap)),
    ("Error rate", errors),
    ("Empty answers", |arm| {
        Some(Cell::plain(percent(arm.empty_rate?)))
    }),
    ("Cost per request", cost),
    ("Tokens read", tokens_read),
    ("Tokens generated", tokens_generated),
    ("Why answers ended", finish_reasons),
    ("How requests ended", outcomes),
    ("Answered by a fallback", |arm| {
        (arm.fallbacks > 0).then(|| Cell::plain(count(arm.fallbacks)))
    }),
    ("Score", score),
];

pub(super) fn write(
    page: &mut String,
    ids: &Identifiers,
    experiment: &ExperimentReport,
) -> fmt::Result {
    let title = ids.of("arms");
    let arms = &experiment.arms;
    write!(
        page,
        "<h3 id=\"{title}\">The arms</h3>\n\
         <p class=\"lead\">Of times, the median; below it p90 and p99.</p>\n<table role=\"table\" aria-labelledby=\"{title}\" class=\"arms\">\n\
         <thead role=\"rowgroup\"><tr role=\"row\"><td role=\"cell\"></td>"
    )?;
    for (place, arm) in arms.iter().enumerate() {
        write_head(page, place, arm)?;
    }
    page.write_str("</tr></thead>\n<tbody role=\"rowgroup\">\n")?;
    for (name, cell) in ROWS {
        let cells: Vec<Option<Cell>> = arms.iter().map(cell).collect();
        if cells.iter().any(Option::is_some) {
            write_row(page, name, arms, &cells)?;
        }
    }
    page.write_str("</tbody>\n</table>\n")
}

fn write_head(page: &mut String, place: usize, arm: &ArmReport) -> fmt::Result {
    let name = Arm { place, id: &arm.id };
    write!(page, "<th role=\"columnheader\" scope=\"col\">{name}")?;
    if place == 0 && &*arm.id != "control" {
        page.write_str(" <small class=\"tag\">control</small>")?;
    }
    let known = [&arm.downstream, &arm.model];
    for known in known.into_iter().flatten() {
        write!(page, "<small>{}</small>", Text(known))?;
    }
    page.write_str("</th>")
}

fn write_row(
    page: &mut String,
    name: &str,
    arms: &[ArmReport],
    cells: &[Option<Cell>],
) -> fmt::Result {
    write!(
        page,
        "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\">{name}</th>"
    )?;
    for (place, (arm, cell)) in arms.iter().zip(cells).enumerate() {
        // Where the columns are stacked, each cell says whose it is.
        let whose = Arm { place, id: &arm.id };
        write!(
            page,
            "<td role=\"cell\"><span class=\"whose\" aria-hidden=\"true\">{whose}</span>"
        )?;
        match cell {
            Some(Cell { figure, detail }) => {
                write!(page, "<span class=\"figure\">{}</span>", Text(figure))?;
                if !detail.is_empty() {
                    write!(page, " <small>{}</small>", Text(detail))?;
                }
            }
            None => page.write_str("<span class=\"figure\">–</span>")?,
        }
        page.write_str("</td>")?;
    }
    page.write_str("</tr>\n")
}

impl Cell {
    fn plain(figure: String) -> Self {
        Self {
            figure,
            detail: String::new(),
        }
    }
}

#[allow(clippy::unnecessary_wraps, reason = "one row of many")]
fn requests(arm: &ArmReport) -> Option<Cell> {
    Some(Cell {
        figure: count(arm.requests),
        detail: format!("{} of the traffic", percent(arm.share)),
    })
}

fn times(times: &Distribution) -> Option<Cell> {
    let value = |value: Option<f64>| value.map_or("–".to_owned(), seconds);
    Some(Cell {
        figure: seconds(times.p50?),
        detail: format!("p90 {} · p99 {}", value(times.p90), value(times.p99)),
    })
}

fn errors(arm: &ArmReport) -> Option<Cell> {
    Some(Cell {
        figure: percent(arm.error_rate?),
        detail: numbered(&arm.errors),
    })
}

fn cost(arm: &ArmReport) -> Option<Cell> {
    Some(Cell {
        figure: dollars(arm.cost.mean?),
        detail: joined([
            Some(format!("{} in all", dollars(arm.cost.sum))),
            known(arm.cost.known, arm),
        ]),
    })
}

fn tokens_read(arm: &ArmReport) -> Option<Cell> {
    let tokens = &arm.tokens;
    let parts = [
        (tokens.cache_read, "from a cache"),
        (tokens.cache_write, "into a cache"),
    ];
    let all = tokens.input + tokens.cache_read + tokens.cache_write;
    counted(arm, all, &parts)
}

fn tokens_generated(arm: &ArmReport) -> Option<Cell> {
    counted(
        arm,
        arm.tokens.output,
        &[(arm.tokens.reasoning, "of them reasoning")],
    )
}

fn counted(arm: &ArmReport, all: u64, parts: &[(u64, &str)]) -> Option<Cell> {
    let parts = parts.iter().map(|(number, what)| {
        let some = *number > 0;
        some.then(|| format!("{} {what}", count(*number)))
    });
    (arm.tokens.known > 0).then(|| Cell {
        figure: count(all),
        detail: joined(parts.chain([known(arm.tokens.known, arm)])),
    })
}

/// Those that there are, in one line.
fn joined(details: impl IntoIterator<Item = Option<String>>) -> String {
    let details: Vec<String> = details.into_iter().flatten().collect();
    details.join(" · ")
}

fn finish_reasons(arm: &ArmReport) -> Option<Cell> {
    parts(&arm.finish_reasons)
}

fn outcomes(arm: &ArmReport) -> Option<Cell> {
    parts(&arm.outcomes)
}

fn score(arm: &ArmReport) -> Option<Cell> {
    Some(Cell {
        figure: plain(arm.score.mean?),
        detail: format!("said of {}", count(arm.score.known)),
    })
}

/// How many it is known of, if these are not even the whole answers.
fn known(known: u64, arm: &ArmReport) -> Option<String> {
    let whole = arm.outcomes.get("completed").copied().unwrap_or_default();
    (known < whole).then(|| format!("known of {}", count(known)))
}

/// The most frequent with its part, and the others.
fn parts(numbers: &BTreeMap<&'static str, u64>) -> Option<Cell> {
    let all: u64 = numbers.values().sum();
    let mut sorted: Vec<_> = numbers.iter().filter(|(_, number)| **number > 0).collect();
    sorted.sort_by_key(|(_, number)| std::cmp::Reverse(**number));
    let part = |number: u64| percent(float(number) / float(all));
    let words = |(name, number): &(&&str, &u64)| {
        format!("{} {}", name.replace('_', "\u{a0}"), part(**number))
    };
    let (first, others) = sorted.split_first()?;
    Some(Cell {
        figure: words(first),
        detail: joined(others.iter().map(|other| Some(words(other)))),
    })
}

/// Names with their numbers.
fn numbered(numbers: &BTreeMap<impl Display, u64>) -> String {
    let all = numbers.iter();
    joined(all.map(|(name, number)| Some(format!("{name} {}", count(*number)))))
}

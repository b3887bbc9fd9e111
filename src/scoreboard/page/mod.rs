//! The report as a page for people: one HTML document that asks for nothing else, and works without scripts.
//!
//! Everything here is a pure function from a [`Report`] to text, written with plain `write!`; what comes from a
//! configuration or a provider goes through [`Text`](markup::Text), which escapes it. The policy that goes with the page
//! allows its own style and script by their hashes and nothing else, so no element may have a `style` attribute.

mod arms;
mod axis;
mod clock;
mod difference;
mod experiment;
mod findings;
mod headline;
mod markup;
mod metrics;
mod numbers;
mod policy;
#[cfg(test)]
mod sample;
mod service;
mod spread;

use std::fmt::{self, Write as _};

use super::Report;

pub use service::ReportService;

use clock::{span, time};
use markup::{Identifiers, Text};
use numbers::{count, percent};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Two bars, one longer than the other.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
    %3Cpath fill='%23768194' d='M1 3h9v4H1z'/%3E%3Cpath fill='%23158a80' d='M1 9h14v4H1z'/%3E%3C/svg%3E";

/// The whole page.
pub(super) fn render(report: &Report) -> String {
    let mut page = String::with_capacity(64 << 10);
    // There is always room in a string.
    let _ = write_page(&mut page, report);
    page
}

fn write_page(page: &mut String, report: &Report) -> fmt::Result {
    write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Experiments</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <link rel=\"icon\" href=\"{ICON}\">\n\
         <noscript><meta http-equiv=\"refresh\" content=\"30\"></noscript>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n"
    )?;
    page.write_str(
        "<header>\n<h1>Experiments</h1>\n<nav aria-label=\"This page\">\n<span id=\"live\"></span>\n\
         <a href=\"\">Refresh</a>\n<a href=\"?format=json\">JSON</a>\n</nav>\n</header>\n",
    )?;
    page.write_str("<main id=\"report\">\n")?;
    write_status(page, report)?;
    write_index(page, report)?;
    if report.experiments.is_empty() {
        page.write_str(NOTHING)?;
    }
    for (place, experiment) in report.experiments.iter().enumerate() {
        let ids = Identifiers::new(place);
        experiment::write(page, &ids, experiment, report.level)?;
    }
    page.write_str("</main>\n")?;
    write_notes(page, report)?;
    write!(page, "<script>{SCRIPT}</script>\n</body>\n</html>\n")
}

const NOTHING: &str = "<section class=\"nothing\">\n<h2>Nothing yet</h2>\n<p>No request has had a part in an experiment. \
    The first one that a <code>split</code> sends to one of its arms shows up here.</p>\n</section>\n";

fn write_status(page: &mut String, report: &Report) -> fmt::Result {
    let arms = report.experiments.iter().flat_map(|one| &one.arms);
    let requests = arms.map(|arm| arm.requests).sum();
    writeln!(
        page,
        "<p class=\"status\"><b>{}</b> {} since {}, {}. As of {}.</p>",
        count(requests),
        if requests == 1 { "request" } else { "requests" },
        time(report.since),
        span(report.at - report.since),
        time(report.at),
    )
}

/// Links to the experiments, if there are several.
fn write_index(page: &mut String, report: &Report) -> fmt::Result {
    if report.experiments.len() < 2 {
        return Ok(());
    }
    page.write_str("<nav class=\"index\" aria-label=\"Experiments\">\n<ol>\n")?;
    for (place, experiment) in report.experiments.iter().enumerate() {
        writeln!(
            page,
            "<li><a href=\"#{}\">{}</a> <span>{}</span></li>",
            Identifiers::new(place).section(),
            Text(&experiment.id),
            headline::state(experiment),
        )?;
    }
    page.write_str("</ol>\n</nav>\n")
}

fn write_notes(page: &mut String, report: &Report) -> fmt::Result {
    write!(
        page,
        "<footer>\n<h2>How to read this</h2>\n<ul>\n\
         <li>Intervals hold with {} confidence at every moment at once: look as often as you like, and stop when you \
         like.</li>\n\
         <li>Requests count for the arm that they were assigned to, also where a fallback answered.</li>\n\
         <li>Requests of one caller are taken together, so many requests of few callers decide little.</li>\n\
         <li>Times are seen from the gateway; of the times between pieces, each answer gives its median.</li>\n\
         </ul>\n</footer>\n",
        percent(report.level)
    )
}

#[cfg(test)]
mod tests;

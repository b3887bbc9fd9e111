//! One experiment: its headline, what differs, its arms, how their times are spread.

use std::fmt::{self, Write as _};

use super::{
    super::ExperimentReport,
    arms, findings, headline,
    markup::{Identifiers, Text},
    spread,
};

pub(super) fn write(
    page: &mut String,
    ids: &Identifiers,
    experiment: &ExperimentReport,
    level: f64,
) -> fmt::Result {
    let name = ids.of("name");
    writeln!(
        page,
        "<section class=\"experiment\" id=\"{}\" aria-labelledby=\"{name}\">\n<h2 id=\"{name}\">{}</h2>",
        ids.section(),
        Text(&experiment.id),
    )?;
    if experiment.arms.iter().all(|arm| arm.requests == 0) {
        page.write_str("<p class=\"says\">No request yet.</p>\n</section>\n")?;
        return Ok(());
    }
    headline::write(page, experiment)?;
    findings::write(page, ids, experiment, level)?;
    spread::write(page, ids, experiment)?;
    arms::write(page, ids, experiment)?;
    page.write_str("</section>\n")
}

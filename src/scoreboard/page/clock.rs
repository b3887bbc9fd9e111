//! Moments and how long it is between them.

use std::time::Duration;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A moment in seconds since 1970, for people and for machines, in UTC.
pub(super) fn time(moment: f64) -> String {
    let seconds = whole(moment);
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let name = usize::try_from(month - 1).ok();
    let name = name.and_then(|month| MONTHS.get(month)).unwrap_or(&"");
    format!(
        "<time datetime=\"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z\">\
         {day}\u{a0}{name} {year}, {hour:02}:{minute:02}:{second:02}\u{a0}UTC</time>"
    )
}

/// So many seconds, in the two greatest units that there are any of.
pub(super) fn span(seconds: f64) -> String {
    let seconds = whole(seconds);
    let units = [
        (seconds / 86_400, "d"),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let used = units.iter().skip_while(|(number, _)| *number == 0).take(2);
    let used = used.filter(|(number, _)| *number > 0);
    let words: Vec<String> = used
        .map(|(number, unit)| format!("{number}\u{a0}{unit}"))
        .collect();
    if words.is_empty() {
        "0\u{a0}s".to_owned()
    } else {
        words.join(" ")
    }
}

fn whole(seconds: f64) -> u64 {
    Duration::try_from_secs_f64(seconds)
        .unwrap_or_default()
        .as_secs()
}

/// Year, month and day of a day since 1970. Source: H. Hinnant, "chrono-compatible low-level date algorithms", whose years
/// begin in March.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let march = (5 * day + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    (year, month, day - (153 * march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_calendar() {
        let shown = [0.0, 951_827_696.9, 1_795_685_055.0].map(time);
        let begin = [
            "<time datetime=\"1970-01-01T00:00:00Z\">1\u{a0}Jan 1970, ",
            "<time datetime=\"2000-02-29T12:34:56Z\">29\u{a0}Feb 2000, 12:34:56\u{a0}UTC",
            "<time datetime=\"2026-11-26T09:24:15Z\">26\u{a0}Nov 2026, ",
        ];
        for (shown, begin) in shown.iter().zip(begin) {
            assert!(shown.starts_with(begin), "{shown}");
        }
    }

    #[test]
    fn spans_have_two_units_at_most() {
        let spans = [0.0, 59.0, 61.0, 7200.0, 90_061.0, -1.0];
        let shown = spans.map(|seconds| span(seconds).replace('\u{a0}', " "));
        assert_eq!(shown, ["0 s", "59 s", "1 min 1 s", "2 h", "1 d 1 h", "0 s"]);
    }
}

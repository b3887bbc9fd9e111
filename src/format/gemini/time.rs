//! Points in time, as RFC 3339 spells them.

/// The seconds since 1970 of a time such as `2026-03-12T18:06:05.232680Z`.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let (date, time) = text.split_at_checked(10)?;
    let (clock, rest) = time.strip_prefix(['T', 't', ' '])?.split_at_checked(8)?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(clock, ':')?;
    let zone =
        rest.trim_start_matches(|character: char| character == '.' || character.is_ascii_digit());
    let since = days(year, month, day)? * 86_400 + hour * 3_600 + minute * 60 + second;
    u64::try_from(since - offset(zone)?).ok()
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut numbers = text.split(separator).map(|digits| {
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| plain)
    });
    let all = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(all)
}

/// The seconds by which a time zone is ahead.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let [hours, minutes, _] = numbers(&format!("{}:0", zone.get(1..)?), ':')?;
    Some(sign * (hours * 3_600 + minutes * 60))
}

/// The days since 1970. Years begin in March, so that the leap day is the last one.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let years = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = years / 4 - years / 100 + years / 400;
    Some(years * 365 + leap_days + day_of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-03-12T18:06:05.232680Z", Some(1_773_338_765)),
            ("2024-02-29T23:59:59+01:00", Some(1_709_247_599)),
            ("2000-03-01t00:00:00-00:30", Some(951_870_600)),
            ("1969-12-31T23:59:59Z", None),
            ("2026-13-12T18:06:05Z", None),
            ("2026-03-12", None),
            ("2026-03-12T18:06:05", None),
            ("yesterday, at noon, or later", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}

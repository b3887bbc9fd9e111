//! Events that say when they were written.

const MARK: &str = "t=";
const DIGITS: usize = 20;

/// The text of such an event: a time of [`clock::now`](crate::clock::now), made up to so many bytes.
#[must_use]
pub fn stamp(now: u128, bytes: usize) -> String {
    let stamp = format!("{MARK}{now:0DIGITS$}");
    format!("{stamp:x<bytes$}")
}

/// The times in `bytes` from `start` on, and where to look for those that are not yet here.
#[must_use]
pub fn stamps(bytes: &[u8], start: usize) -> (Vec<u128>, usize) {
    let fresh = bytes.get(start..).unwrap_or_default();
    let mut times = Vec::new();
    let mut end = 0;
    for mark in memchr::memmem::find_iter(fresh, MARK) {
        let digits = mark + MARK.len();
        let Some(digits) = fresh.get(digits..digits + DIGITS) else {
            return (times, start + mark);
        };
        let time = str::from_utf8(digits)
            .ok()
            .and_then(|text| text.parse::<u128>().ok());
        times.extend(time);
        end = mark + MARK.len();
    }
    // A mark may be in two halves.
    (
        times,
        start + end.max(fresh.len().saturating_sub(MARK.len() - 1)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_found_wherever_it_was_cut() {
        let text = format!("a t=b {}{} end", stamp(17, 30), stamp(18, 0));
        for cut in 0..text.len() {
            let (mut found, next) = stamps(&text.as_bytes()[..cut], 0);
            let (rest, _) = stamps(text.as_bytes(), next);
            found.extend(rest);
            assert_eq!(found, [17, 18], "cut at {cut}");
        }
    }
}

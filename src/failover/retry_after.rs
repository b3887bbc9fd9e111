use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

use crate::headers;

/// How long a provider asks to be left alone, by the headers of an answer that came at `now`: as client libraries read
/// them, or until a date (RFC 9110, 10.2.3). What is no time to wait is as if it was not there; a date that has passed
/// is no wait.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    headers::retry_after(headers).or_else(|| {
        let date = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
        let date = httpdate::parse_http_date(date.trim()).ok()?;
        Some(date.duration_since(now).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    /// What is waited at 1994-11-06 08:49:30.
    fn wait(headers: &[(&'static str, &str)]) -> Option<Duration> {
        let headers = headers.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_str(value).unwrap())
        });
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        retry_after(&headers.collect(), now)
    }

    #[test]
    fn situation_24_a_wait_is_said_in_seconds_milliseconds_or_as_a_date() {
        let table = [
            ("retry-after", "2", 2000),
            ("retry-after", "0", 0),
            ("retry-after", " 1.5 ", 1500),
            ("retry-after", "1e-1", 100),
            ("retry-after-ms", "500", 500),
            ("retry-after-ms", "0.5", 0),
            ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT", 7000),
            ("retry-after", "Sunday, 06-Nov-94 08:49:37 GMT", 7000),
            ("retry-after", "Sun Nov  6 08:49:37 1994", 7000),
            ("retry-after", "Sun, 06 Nov 1994 08:49:07 GMT", 0),
            ("retry-after", "1000000000000", 1_000_000_000_000_000),
        ];
        for (name, value, expected) in table {
            let waited = wait(&[(name, value)]).map(|wait| wait.as_millis());
            assert_eq!(waited, Some(expected), "{name}: {value}");
        }
    }

    #[test]
    fn situation_24_what_is_no_time_to_wait_is_ignored() {
        for value in [
            "",
            "-1",
            "-0.001",
            "NaN",
            "inf",
            "-inf",
            "1e300",
            "soon",
            "2 s",
            "0x10",
            "1,5",
            "Sun, 06 Nov 1994",
            "Mon, 99 Nov 1994 08:49:37 GMT",
        ] {
            for name in ["retry-after", "retry-after-ms"] {
                assert_eq!(wait(&[(name, value)]), None, "{name}: {value}");
            }
        }
    }

    #[test]
    fn situation_24_milliseconds_come_before_seconds_unless_they_are_none() {
        assert_eq!(
            wait(&[("retry-after", "9"), ("retry-after-ms", "500")]),
            Some(Duration::from_millis(500))
        );
        for bad in ["-500", "soon", "NaN"] {
            assert_eq!(
                wait(&[("retry-after", "9"), ("retry-after-ms", bad)]),
                Some(Duration::from_secs(9)),
                "{bad}"
            );
        }
    }
}

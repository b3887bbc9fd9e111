//! Paths in one form, however they are spelled. Source: RFC 3986, section 6.2.2.

use std::borrow::Cow;

use http::{Uri, uri::PathAndQuery};

use crate::format::common::percent;

/// The form in which paths are compared: runs of `/` are one, none is at the end, and characters that need no
/// percent-encoding have none. What is encoded for a reason (`%2F`) stays, and so do `.` and `..`, which are
/// [never ours](goes_up).
pub(crate) fn canonical(path: &str) -> Cow<'_, str> {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return path.get(..1).unwrap_or_default().into();
    }
    if is_canonical(trimmed) {
        return trimmed.into();
    }
    let mut canonical = String::with_capacity(trimmed.len());
    let mut rest = trimmed;
    while let Some(first) = rest.chars().next() {
        let (character, length) = unreserved(rest).unwrap_or((first, first.len_utf8()));
        if character != '/' || !canonical.ends_with('/') {
            canonical.push(character);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    canonical.into()
}

/// Whether a path without a `/` at its end is in that form already, as most are.
fn is_canonical(path: &str) -> bool {
    let has_run = path.as_bytes().windows(2).any(|pair| pair == b"//");
    let mut escapes = path.match_indices('%').filter_map(|(at, _)| path.get(at..));
    !has_run && escapes.all(|escape| unreserved(escape).is_none())
}

/// The character that an escape at the beginning of `text` stands for, if it needs none; and the escape's length.
fn unreserved(text: &str) -> Option<(char, usize)> {
    let digits = text.strip_prefix('%')?.get(..2)?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let byte = u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    let needs_none = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    needs_none.then_some((char::from(byte), 3))
}

/// What parts the segments of a path for a server that decodes it first, or takes a backslash for a slash.
const SEPARATORS: [&str; 6] = ["/", "%2F", "%2f", "\\", "%5C", "%5c"];

/// Whether a canonical path has segments that lead elsewhere, or might for some server: what stands at its end, or what
/// a rule says of its beginning, then means nothing.
pub(crate) fn goes_up(path: &str) -> bool {
    path.match_indices('.').any(|(at, _)| {
        let (before, rest) = path.split_at(at);
        let behind = rest.strip_prefix("..").or_else(|| rest.strip_prefix('.'));
        let ends = |behind: &str| {
            // Some leave out what follows a semicolon.
            behind.is_empty()
                || behind.starts_with(';')
                || SEPARATORS.iter().any(|each| behind.starts_with(each))
        };
        SEPARATORS.iter().any(|each| before.ends_with(each)) && behind.is_some_and(ends)
    })
}

/// Whether a path or query has characters that no URL has, which parsers let through for the sake of careless clients;
/// or the path, decoded, some that end a line or a text, which a careless server may do.
pub(super) fn is_malformed(uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    let has_foreign = |text: &str| {
        let is_foreign = |byte: u8| !byte.is_ascii() | byte.is_ascii_control();
        text.bytes().fold(false, |has, byte| has | is_foreign(byte))
    };
    let hides_control = || {
        let mut decoded = percent::decode_bytes(uri.path()).into_iter();
        decoded.any(|byte| byte.is_ascii_control())
    };
    has_foreign(uri.path()) || has_foreign(query) || uri.path().contains('%') && hides_control()
}

/// The URI with another path; `None` if it has this one.
pub(super) fn replaced(uri: &Uri, path: &str) -> Option<Uri> {
    if uri.path() == path {
        return None;
    }
    let path_and_query = match uri.query() {
        Some(query) => PathAndQuery::try_from(format!("{path}?{query}")),
        None => PathAndQuery::try_from(path),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query.ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_spellings_of_a_path_are_one() {
        for (path, form) in [
            ("/v1/chat/completions/", "/v1/chat/completions"),
            ("//v1///chat//completions//", "/v1/chat/completions"),
            ("/v1/%63hat/complet%69ons", "/v1/chat/completions"),
            ("/v1/%7euser/%2D", "/v1/~user/-"),
            ("/", "/"),
            ("///", "/"),
            ("", ""),
            ("*", "*"),
        ] {
            assert_eq!(canonical(path), form, "{path}");
        }
    }

    #[test]
    fn what_is_encoded_for_a_reason_stays() {
        for path in [
            "/v1beta/models/org%2Fm:generateContent",
            "/a%2fb",
            "/%3F%23%20%25%C3%A9",
            "/%",
            "/%6",
            "/%+6",
            "/%zz",
            "/%2\u{e9}",
        ] {
            assert_eq!(canonical(path), path, "{path}");
        }
    }

    #[test]
    fn nothing_is_copied_where_nothing_is_encoded_or_said_twice() {
        for path in ["/v1/messages", "/v1/messages//", "/a%2Fb", "/"] {
            assert!(matches!(canonical(path), Cow::Borrowed(_)), "{path}");
        }
    }

    #[test]
    fn what_no_url_has_and_what_ends_a_line_is_malformed() {
        let malformed = |uri: &str| is_malformed(&Uri::try_from(uri).unwrap());
        for uri in [
            "/v1/files/\u{e9}",
            "/v1/files?q=\u{e9}",
            "/v1/files/%0d%0aHost:%20x",
            "/v1/files/%00",
            "/v1/files/a%7F",
        ] {
            assert!(malformed(uri), "{uri}");
        }
        for uri in ["/v1/files/%C3%A9", "/v1/files?q=%0A", "/v1/%25%300", "/"] {
            assert!(!malformed(uri), "{uri}");
        }
    }

    #[test]
    fn an_escaped_dot_is_a_dot() {
        assert!(goes_up(&canonical("/v1/%2E%2e/v1/messages")));
        assert!(goes_up("/v1/./messages"));
        assert!(!goes_up("/v1/.../messages"));
    }

    #[test]
    fn what_some_server_may_take_for_a_way_up_is_one() {
        for path in [
            "/v1/files/..",
            "/v1/files/..%2F..%2fkeys",
            "/v1/files/x%2f.%2Fy",
            "/v1/files/..\\keys",
            "/v1/files%5c%2E%2e%5Ckeys",
            "/v1/files/..;a=b/keys",
        ] {
            assert!(goes_up(&canonical(path)), "{path}");
        }
        for path in [
            "/v1/a..b/c",
            "/v1/..a",
            "/v1/a./.b",
            "/v1/2.5",
            "/v1/a%2Fb",
            "/v1/..%20",
        ] {
            assert!(!goes_up(path), "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_canonical_path_stays_as_it_is(path in "(/|%2[Ff]|%6[0-9a-f]|%|[a-c.é])*") {
            // `%%61`: what an escape leaves behind may look like one.
            prop_assume!(!path.contains("%%"));
            let once = canonical(&path).into_owned();
            prop_assert!(!once.contains("//"));
            prop_assert_eq!(&*canonical(&once), &*once);
        }

        #[test]
        fn no_path_is_too_strange(path in any::<String>()) {
            let _ = canonical(&path);
        }
    }
}

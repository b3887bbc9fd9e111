use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use http::{Extensions, HeaderMap, HeaderName, HeaderValue};

/// By what a request is known: extension of the request below a [`Meter`](crate::meter::Meter), and of its response, where it is
/// also in the header [`RequestId::HEADER`].
///
/// It is the one that the host has put into the request's extensions, else the caller's `x-request-id` if that is up to 128
/// visible ASCII characters, else 128 random bits in hexadecimal. A caller who chooses the id can choose that of somebody
/// else: a host that takes scores by it from whom it doesn't trust removes the header in front, or puts in its own.
///
/// For scripts of another origin the host has to name the header in `access-control-expose-headers`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestId(Arc<str>);

/// Where callers say theirs.
const CALLERS: HeaderName = HeaderName::from_static("x-request-id");

/// The most characters of an id.
const LONGEST: usize = 128;

impl RequestId {
    /// The response header that has it.
    pub const HEADER: HeaderName = HeaderName::from_static("x-llm-request-id");

    /// This one; `None` if it is empty, longer than 128 characters, or has others than visible ASCII.
    pub fn new(id: &str) -> Option<Self> {
        let is_sane =
            (1..=LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        is_sane.then(|| Self(id.into()))
    }

    /// That of a request or response, if it has one.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn text(&self) -> &Arc<str> {
        &self.0
    }

    /// That of a request that has just come.
    pub(crate) fn find(extensions: &Extensions, headers: &HeaderMap) -> Self {
        let callers = || Self::new(headers.get(CALLERS)?.to_str().ok()?);
        let known = Self::of(extensions).cloned();
        known.or_else(callers).unwrap_or_else(Self::random)
    }

    fn random() -> Self {
        // Hashers have keys that nobody knows, and no two have the same.
        let keyed = RandomState::new();
        let halves = [0, 1].map(|half| keyed.hash_one(half).to_be_bytes());
        let mut id = [[b'0'; 2]; 16];
        for (digits, byte) in id.iter_mut().zip(halves.as_flattened()) {
            *digits = [byte >> 4, byte & 15].map(hexadecimal);
        }
        Self(str::from_utf8(id.as_flattened()).unwrap_or_default().into())
    }

    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

const fn hexadecimal(digit: u8) -> u8 {
    match digit {
        0..10 => b'0' + digit,
        _ => b'a' + digit - 10,
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn found(header: &[u8]) -> RequestId {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_bytes(header).unwrap();
        headers.insert("x-request-id", value);
        RequestId::find(&Extensions::new(), &headers)
    }

    #[test]
    fn the_caller_s_id_counts_if_it_is_sane() {
        for sane in ["7", "a/b:c;d=e", &"x".repeat(128)] {
            assert_eq!(found(sane.as_bytes()).as_str(), sane);
        }
        for odd in ["", "a b", "a\tb", "caf\u{e9}", &"x".repeat(129)] {
            let id = found(odd.as_bytes());
            assert_eq!(id.as_str().len(), 32, "{odd}");
        }
    }

    #[test]
    fn the_host_s_id_comes_first() {
        let mut extensions = Extensions::new();
        extensions.insert(RequestId::new("host").unwrap());
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", HeaderValue::from_static("caller"));
        assert_eq!(RequestId::find(&extensions, &headers).as_str(), "host");
    }

    #[test]
    fn ids_of_our_own_are_hexadecimal() {
        let id = RequestId::random();
        let is_hexadecimal = |digit: char| matches!(digit, '0'..='9' | 'a'..='f');
        assert!(id.as_str().len() == 32 && id.as_str().chars().all(is_hexadecimal));
        let digits = (0..16).map(|digit| char::from(hexadecimal(digit)));
        assert_eq!(digits.collect::<String>(), "0123456789abcdef");
    }

    #[test]
    fn ids_of_our_own_are_all_different() {
        let ids: HashSet<_> = (0..10_000).map(|_| RequestId::random()).collect();
        assert_eq!(ids.len(), 10_000);
    }
}

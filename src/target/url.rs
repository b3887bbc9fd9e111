use std::fmt;

use bytes::Bytes;
use http::{
    Uri,
    uri::{Authority, Parts, PathAndQuery, Scheme},
};

/// A base URL, taken apart once.
#[derive(Clone)]
pub(super) struct Base {
    scheme: Scheme,
    authority: Authority,
    /// Without a slash at its end; empty at the root.
    path: String,
    query: Option<String>,
}

impl Base {
    pub(super) fn new(url: &Uri) -> Result<Self, InvalidUrl> {
        let scheme = url.scheme().cloned();
        let scheme = scheme.filter(|scheme| [Scheme::HTTP, Scheme::HTTPS].contains(scheme));
        let scheme = scheme.ok_or(InvalidUrl("it must begin with http:// or https://"))?;
        let authority = url.authority().cloned();
        let authority = authority.filter(|authority| !authority.host().is_empty());
        let authority = authority.ok_or(InvalidUrl("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(InvalidUrl("it must not hold a user name or password"));
        }
        // Beyond 65535 it would be taken for none.
        let port = authority.as_str().rsplit_once(':').map(|(_, port)| port);
        let names_port = port.is_some_and(|port| !port.ends_with(']') && !port.is_empty());
        if names_port && authority.port_u16().is_none() {
            return Err(InvalidUrl("its port is no number up to 65535"));
        }
        if url.path().split('/').any(is_dots) {
            return Err(InvalidUrl("its path must not go up"));
        }
        let given = url.path_and_query().map_or("", PathAndQuery::as_str);
        if !given.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UNWRITABLE);
        }
        Ok(Self {
            scheme,
            authority,
            path: url.path().trim_end_matches('/').to_owned(),
            query: url.query().map(str::to_owned),
        })
    }

    pub(super) fn join(&self, path_and_query: &str) -> Result<Uri, InvalidUrl> {
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        if !path.starts_with('/') {
            return Err(UNWRITABLE);
        }
        let mut joined = self.join_path(path);
        let mut separator = '?';
        for query in self.query.as_deref().into_iter().chain(query) {
            joined.push(separator);
            joined.push_str(query);
            separator = '&';
        }
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path_and_query_of(joined)?);
        Uri::from_parts(parts).map_err(|_| UNWRITABLE)
    }

    fn join_path(&self, path: &str) -> String {
        if let Some((before, _)) = deployment(&self.path) {
            let path = path.strip_prefix("/v1").unwrap_or(path);
            let is_below = DEPLOYED.iter().any(|below| path.starts_with(below));
            let base = if is_below { &self.path } else { before };
            return format!("{base}{path}");
        }
        let mut suffixes = self.path.match_indices('/');
        let shared = suffixes.find_map(|(start, _)| {
            let (before, suffix) = self.path.split_at(start);
            let rest = path.strip_prefix(suffix)?;
            (rest.is_empty() || rest.starts_with('/')).then_some(before)
        });
        if let Some(before) = shared {
            return format!("{before}{path}");
        }
        // A base that ends in another version (`/api/paas/v4`) means that one, and not both.
        let own = self.path.rsplit('/').next().unwrap_or_default();
        let other = path.split('/').nth(1).unwrap_or_default();
        let path = match path.get(1 + other.len()..) {
            Some(rest) if is_version(own) && is_version(other) => rest,
            _ => path,
        };
        format!("{}{path}", self.path)
    }
}

/// A path and query without a host.
pub(super) fn path(path_and_query: &str) -> Result<Uri, InvalidUrl> {
    if !path_and_query.starts_with('/') {
        return Err(UNWRITABLE);
    }
    path_and_query_of(path_and_query.to_owned()).map(Uri::from)
}

fn path_and_query_of(text: String) -> Result<PathAndQuery, InvalidUrl> {
    // The parser takes more than a URL may have.
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(UNWRITABLE);
    }
    PathAndQuery::from_maybe_shared(Bytes::from(text)).map_err(|_| UNWRITABLE)
}

/// What Azure's dated API has below a deployment; the rest, such as `/responses`, stands beside the deployments. Source:
/// openai-python 3.54.0, `lib/azure.py`.
const DEPLOYED: [&str; 6] = [
    "/completions",
    "/chat/completions",
    "/embeddings",
    "/audio/",
    "/images/generations",
    "/images/edits",
];

/// Parts the base of a deployment of Azure's dated API: what stands before, and the deployment.
fn deployment(path: &str) -> Option<(&str, &str)> {
    let (before, name) = path.split_once("/deployments/")?;
    (before.ends_with("/openai") && !name.is_empty() && !name.contains('/'))
        .then_some((before, name))
}

const UNWRITABLE: InvalidUrl = InvalidUrl("its path is not one that a URL can hold");

fn is_dots(segment: &str) -> bool {
    let segment = segment.to_ascii_lowercase().replace("%2e", ".");
    segment == "." || segment == ".."
}

/// The end of a path that begins with a version, such as `/v1/files` of `/llm/v1/files`; `None` if nothing is below one.
/// `/upload` before it belongs to it, and Azure's deployments stand in its place.
pub(crate) fn below_version(path: &str) -> Option<&str> {
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    let start = slashes.find(|start| {
        let rest = path.get(start + 1..).unwrap_or_default();
        let below = rest.split_once('/').filter(|(_, below)| !below.is_empty());
        let is_deployment = || {
            rest.strip_prefix("openai/deployments/")
                .is_some_and(|rest| rest.contains('/'))
        };
        below.is_some_and(|(segment, _)| is_version(segment)) || is_deployment()
    })?;
    let before = path.get(..start).unwrap_or_default();
    let start = before.strip_suffix("/upload").map_or(start, str::len);
    path.get(start..)
}

fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or_default();
    number.starts_with(|digit: char| digit.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Why a downstream's address can't be used. Doesn't show the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidUrl(&'static str);

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid URL: {}", self.0)
    }
}

impl std::error::Error for InvalidUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: &str = "/v1/chat/completions";

    fn base(url: &str) -> Result<Base, InvalidUrl> {
        Base::new(&url.parse().unwrap())
    }

    fn join(url: &str, path: &str) -> String {
        base(url).unwrap().join(path).unwrap().to_string()
    }

    #[test]
    fn a_path_below_a_version_begins_with_it() {
        for (path, below) in [
            ("/v1/files", Some("/v1/files")),
            ("/llm/v1beta/files/x", Some("/v1beta/files/x")),
            ("/openai/v1/files", Some("/v1/files")),
            ("/x/upload/v1beta/files", Some("/upload/v1beta/files")),
            ("/v2/v1/files", Some("/v2/v1/files")),
            ("/a/openai/deployments/m/x", Some("/openai/deployments/m/x")),
            ("/openai/deployments/m", None),
            ("/v1", None),
            ("/v1/", None),
            ("/vx/files", None),
            ("/files", None),
            ("", None),
        ] {
            assert_eq!(below_version(path), below, "{path}");
        }
    }

    #[test]
    fn a_port_beyond_the_last_is_refused() {
        assert!(base("http://h:99999/v1").is_err());
        assert!(base("http://h:65535/v1").is_ok());
        assert!(base("http://[::1]/v1").is_ok());
    }

    #[test]
    fn trap_068_segments_that_both_have_are_said_once() {
        for (url, path, joined) in [
            ("https://h/v1", CHAT, "https://h/v1/chat/completions"),
            ("https://h", CHAT, "https://h/v1/chat/completions"),
            ("https://h/", CHAT, "https://h/v1/chat/completions"),
            (
                "https://h/openai",
                CHAT,
                "https://h/openai/v1/chat/completions",
            ),
            (
                "https://h/api/v1/",
                CHAT,
                "https://h/api/v1/chat/completions",
            ),
            ("https://h/v1/v1", CHAT, "https://h/v1/v1/chat/completions"),
            (
                "https://h/a/v1/chat",
                CHAT,
                "https://h/a/v1/chat/completions",
            ),
            (
                "https://h/v1/chat/completions",
                CHAT,
                "https://h/v1/chat/completions",
            ),
            ("https://h/xv1", CHAT, "https://h/xv1/v1/chat/completions"),
            ("https://h/v1/x", CHAT, "https://h/v1/x/v1/chat/completions"),
            (
                "http://h:8080/v1",
                CHAT,
                "http://h:8080/v1/chat/completions",
            ),
        ] {
            assert_eq!(join(url, path), joined, "{url}");
        }
    }

    #[test]
    fn another_version_in_the_base_is_the_one_that_is_meant() {
        assert_eq!(
            join("https://h/api/v4", CHAT),
            "https://h/api/v4/chat/completions"
        );
        assert_eq!(
            join("https://h/v1", "/v1beta/models/m:x"),
            "https://h/v1/models/m:x"
        );
        assert_eq!(
            join("https://h/via", CHAT),
            "https://h/via/v1/chat/completions"
        );
        assert_eq!(join("https://h/v4", "/x"), "https://h/v4/x");
    }

    #[test]
    fn trap_067_azures_dated_api_has_deployments_in_its_path_and_no_version() {
        let dated = "https://r.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21";
        for (path, joined) in [
            (CHAT, "/deployments/gpt/chat/completions"),
            ("/v1/embeddings", "/deployments/gpt/embeddings"),
            ("/v1/responses", "/responses"),
            ("/v1/files", "/files"),
        ] {
            let expected =
                format!("https://r.openai.azure.com/openai{joined}?api-version=2024-10-21");
            assert_eq!(join(dated, path), expected);
        }
        let newer = "https://r.openai.azure.com/openai/v1";
        assert_eq!(join(newer, CHAT), format!("{newer}/chat/completions"));
    }

    #[test]
    fn the_query_of_the_base_comes_first() {
        assert_eq!(join("https://h/v1?a=1", "/v1/x"), "https://h/v1/x?a=1");
        assert_eq!(join("https://h?a=1", "/v1/x?b=2"), "https://h/v1/x?a=1&b=2");
        assert_eq!(join("https://h", "/v1/x?b=2"), "https://h/v1/x?b=2");
    }

    #[test]
    fn addresses_that_could_surprise_are_refused_without_being_shown() {
        for url in [
            "ftp://h/v1",
            "/v1",
            "h:80",
            "https://user:secret@h/v1",
            "https://h/a/../v1",
            "https://h/%2E./v1",
            "https://h/./v1",
            "https://h/\u{e9}",
            "https://h/v1?\u{e9}",
        ] {
            let error = base(url).err().unwrap();
            assert!(!error.to_string().contains("secret"), "{url}");
        }
    }

    #[test]
    fn what_no_path_can_hold_is_refused() {
        let base = base("https://h").unwrap();
        for path in [
            "v1/a",
            "",
            "?a",
            "/v1/a b",
            "/v1/a\r\nx: y",
            "/v1/\0",
            "/v1/\u{e9}",
            "/v1/a?\u{7f}",
        ] {
            assert!(base.join(path).is_err(), "{path:?}");
        }
    }
}

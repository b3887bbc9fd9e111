use std::{cell::LazyCell, fmt, sync::Arc};

use http::HeaderMap;

use crate::format::ApiFormat;

use super::{
    AssignedBy, KeySource,
    body::Members,
    conversation,
    hash::{Domain, Fields},
};

/// Whose request it is, as an extension that a host puts into it: an account, a tenant, a session. An empty one is none.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Subject(Arc<str>);

impl Subject {
    /// This one's.
    pub fn new(subject: impl Into<Arc<str>>) -> Self {
        Self(subject.into())
    }
}

/// Without saying whose.
impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(…)")
    }
}

/// Whose request it is, as far as drawing is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Key {
    /// Where it is from: [`Key`](AssignedBy::Key), [`Conversation`](AssignedBy::Conversation) or
    /// [`Random`](AssignedBy::Random).
    pub by: AssignedBy,
    /// What arms are drawn by: a hash, and nothing that a caller has said.
    pub bytes: Box<[u8]>,
}

/// What the key of a request depends on.
#[derive(Clone, Copy)]
pub struct Draws<'a> {
    /// The format that the caller speaks.
    pub format: ApiFormat,
    /// The caller's headers.
    pub headers: &'a HeaderMap,
    /// The caller's body; what is no JSON object has no key.
    pub body: &'a [u8],
    /// What the host says.
    pub subject: Option<&'a Subject>,
    /// For a request without a key.
    pub random: u64,
}

/// Without what would tell whose request it is.
impl fmt::Debug for Draws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut draws = f.debug_struct("Draws");
        draws.field("format", &self.format).finish_non_exhaustive()
    }
}

/// The key of a request: by the first of the sources that it has. If it has none of them, a request that declares tools is
/// drawn by its conversation, so that no tool loop changes its arm on the way, and any other at random.
///
/// The body is looked into only if the head doesn't settle it, and then once.
pub fn key_of(sources: &[KeySource], request: &Draws<'_>) -> Key {
    let members = LazyCell::new(|| Members::read(request.format, request.body));
    let told = sources.iter().find_map(|source| match source {
        KeySource::Body(field) => plain(members.text(*field)?.as_bytes()),
        KeySource::Conversation => by_conversation(&members),
        _ => of_head(source, request.headers, request.subject),
    });
    let by_tools = || {
        members
            .declares_tools()
            .then(|| by_conversation(&members))?
    };
    told.or_else(by_tools).unwrap_or_else(|| Key {
        by: AssignedBy::Random,
        bytes: request.random.to_be_bytes().into(),
    })
}

/// Whether the key of a request with this head depends on its body, too: unless a header or the host settles it.
pub fn needs_body(sources: &[KeySource], headers: &HeaderMap, subject: Option<&Subject>) -> bool {
    let is_in_head = |source: &&KeySource| matches!(source, KeySource::Header(_) | KeySource::Host);
    let mut first = sources.iter().take_while(is_in_head);
    !first.any(|source| of_head(source, headers, subject).is_some())
}

fn of_head(source: &KeySource, headers: &HeaderMap, subject: Option<&Subject>) -> Option<Key> {
    match source {
        KeySource::Header(name) => plain(headers.get(name)?.as_bytes()),
        KeySource::Host => plain(subject?.0.as_bytes()),
        KeySource::Body(_) | KeySource::Conversation => None,
    }
}

/// A key that somebody gives, if it is one at all. The same one is the same from wherever it is.
fn plain(key: &[u8]) -> Option<Key> {
    let hash = || Fields::new(Domain::Key).with(key).digest();
    (!key.is_empty()).then(|| Key {
        by: AssignedBy::Key,
        bytes: hash().into(),
    })
}

fn by_conversation(members: &Members<'_>) -> Option<Key> {
    let beginning = conversation::beginning(members)?;
    Some(Key {
        by: AssignedBy::Conversation,
        bytes: beginning.into(),
    })
}

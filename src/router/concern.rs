//! Whether a request is ours, told by its head.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, Method, Uri};

use crate::{
    format::{ApiFormat, Call, Operation, caller},
    target,
};

use super::{
    Table,
    path::{canonical, goes_up},
    table::Inner,
};

/// The header by which a caller names the model where neither path nor body does, or where the body is not to be read.
pub(super) const MODEL: HeaderName = HeaderName::from_static("x-llm-model");

/// Methods that are never for a provider.
const NEVER: [Method; 3] = [Method::OPTIONS, Method::TRACE, Method::CONNECT];

/// A request that the table has to decide on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Concern<'a> {
    /// The path that rules see: without a `/` at its end, several in a row or needless percent-encoding.
    pub path: Cow<'a, str>,
    /// The format that its caller speaks.
    pub format: ApiFormat,
    /// What it asks for, as far as the path says it.
    pub call: Call<'a>,
}

impl<'a> Concern<'a> {
    /// What it was found to be, read again from the canonical path.
    pub(super) fn again(path: &'a str, format: ApiFormat, operation: Operation) -> Self {
        let call = format.api().detect(path);
        let mut call = call.unwrap_or(Call::new(operation));
        call.operation = operation;
        Self {
            path: path.into(),
            format,
            call,
        }
    }
}

impl Table {
    /// Whether a request is for this table, and what its head says of it. `None` if it is the host's. It is ours
    ///
    /// - if it is a `POST` to an endpoint of a known format that takes a model, or to a path that an enabled rule names
    ///   exactly;
    /// - if an enabled rule with downstreams, or with arms, names its path, exactly or by a pattern that is more than stars and
    ///   matches below a version such as `/v1`; whatever the method;
    /// - if its header `x-llm-model` names a model, and its path is below a version; whatever the method.
    ///
    /// A path with `.` or `..` in it never is. Nor are `OPTIONS`, which a browser asks of the host, and without a key, and
    /// `TRACE` and `CONNECT`: the one would bring the provider's key back, the other is for what has no path.
    pub fn concerns<'a>(
        &self,
        method: &Method,
        uri: &'a Uri,
        headers: &HeaderMap,
    ) -> Option<Concern<'a>> {
        let path = canonical(uri.path());
        if goes_up(&path) || NEVER.contains(method) {
            return None;
        }
        let head = (method, uri, headers);
        let (format, call) = match &path {
            Cow::Borrowed(path) => call(self.inner(), path, head)?,
            Cow::Owned(path) => {
                let (format, call) = call(self.inner(), path, head)?;
                (format, call.into_owned())
            }
        };
        Some(Concern { path, format, call })
    }
}

type Head<'h> = (&'h Method, &'h Uri, &'h HeaderMap);

fn call<'a>(
    inner: &Inner,
    path: &'a str,
    (method, uri, headers): Head<'_>,
) -> Option<(ApiFormat, Call<'a>)> {
    let is_post = *method == Method::POST;
    let detected = ApiFormat::detect(path);
    let operation = detected.as_ref().map(|(_, call)| call.operation);
    if is_post && operation.is_some_and(|operation| operation != Operation::Unknown) {
        return detected;
    }
    let below_version = target::below_version(path);
    if is_post
        && below_version.is_none()
        && let Some(named) = inner.paths.exact(path)
    {
        let format = named.format.unwrap_or(ApiFormat::OPENAI);
        return Some((format, Call::new(Operation::Generate)));
    }
    let has_header = below_version.is_some() && headers.contains_key(MODEL);
    let named = match operation {
        // Rules that name these paths mean what is posted there.
        Some(Operation::Generate | Operation::CountTokens) => None,
        _ if below_version.is_some() => inner.paths.leading(path),
        _ => inner.paths.exact(path).filter(|named| named.leads),
    };
    if named.is_none() && !has_header {
        return None;
    }
    let told = || below_version.and_then(|path| caller::told(path, uri, headers));
    let by_rule = named.and_then(|named| named.format);
    let (format, model) = match detected {
        Some((format, call)) => (format, call.model),
        None => (told().or(by_rule).unwrap_or(ApiFormat::OPENAI), None),
    };
    let mut call = Call::new(Operation::Unknown);
    call.model = model;
    Some((format, call))
}

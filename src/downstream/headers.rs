use std::{borrow::Cow, mem};

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{
    context::{ConfiguredHeaders, Selected},
    error::Error,
    format::ApiFormat,
    headers::{dashed, is_credential, is_hop_by_hop, is_managed},
    target::Auth,
};

/// We read answers, so they must come as they are.
const IDENTITY: HeaderValue = HeaderValue::from_static("identity");

const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!(
    env!("CARGO_PKG_NAME"),
    "/",
    env!("CARGO_PKG_VERSION")
));

/// Where callers put their credentials, in the order in which providers look.
const CREDENTIALS: [HeaderName; 4] = [
    HeaderName::from_static("x-api-key"),
    header::AUTHORIZATION,
    HeaderName::from_static("api-key"),
    HeaderName::from_static("x-goog-api-key"),
];

/// Makes a caller's headers ours: nothing of the caller's connection, credentials or whereabouts goes on, and the
/// target's key is added. What configuration has set stays.
pub(super) fn request(
    headers: &mut HeaderMap,
    selected: &Selected,
    configured: Option<&ConfiguredHeaders>,
) -> Result<(), Error> {
    let (target, provider) = (selected.target(), selected.provider());
    let credential = match target.auth() {
        Some(Auth::ForwardClient) => forwarded(headers, selected),
        _ => selected
            .endpoint()
            .authorization(provider)
            .map_err(Error::target)?,
    };
    let key_header = selected.endpoint().credential(provider);
    let key_header = key_header.map(|(name, _)| name);
    let (callers, _) = selected.client().api().credential();
    let named = named_by_connection(headers);
    drop_where(headers, |name| match Kind::of(name) {
        Kind::Never => true,
        // No client says again which host a handler in the same process is asked for.
        Kind::Managed if !(target.is_handler() && *name == header::HOST) => true,
        _ if configured.is_some_and(|configured| configured.contains(name)) => false,
        Kind::OfCaller => true,
        Kind::Managed | Kind::Other => {
            let dashed = &*dashed(name);
            named.contains(name)
                || key_header.as_ref().is_some_and(|own| *own == *dashed)
                || callers == *dashed
                || is_foreign(name, selected)
        }
    });
    headers.insert(header::ACCEPT_ENCODING, IDENTITY);
    headers.entry(header::USER_AGENT).or_insert(USER_AGENT);
    if let Some((name, value)) = credential {
        headers.insert(name, value);
    }
    provider.api().prepare(headers, target.dialect());
    Ok(())
}

/// The caller's own credential: as it came if the provider speaks the same format, else where that one looks for it.
fn forwarded(headers: &HeaderMap, selected: &Selected) -> Option<(HeaderName, HeaderValue)> {
    let own = selected.client().api().credential().0;
    let mut names = [own].into_iter().chain(CREDENTIALS);
    let (name, value) = names.find_map(|name| {
        let value = headers.get(&name)?.clone();
        Some((name, value))
    })?;
    let (name, mut value) = if selected.client() == selected.provider() {
        (name, value)
    } else {
        let (name, prefix) = selected.provider().api().credential();
        let key = value.to_str().ok()?;
        let key = match key.split_once(' ') {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim_start(),
            _ => key,
        };
        (name, HeaderValue::try_from(format!("{prefix}{key}")).ok()?)
    };
    value.set_sensitive(true);
    Some((name, value))
}

/// What a caller's header is, whoever the provider is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Of its connection, or a secret.
    Never,
    /// Settled by the client.
    Managed,
    OfCaller,
    Other,
}

impl Kind {
    fn of(name: &HeaderName) -> Self {
        // Nothing that is told apart here has a `_`, so that it is looked for only where there may be one.
        match Self::of_dashed(name.as_str()) {
            Self::Other => match dashed(name) {
                Cow::Owned(dashed) => Self::of_dashed(&dashed),
                Cow::Borrowed(_) => Self::Other,
            },
            kind => kind,
        }
    }

    fn of_dashed(dashed: &str) -> Self {
        if is_hop_by_hop(dashed) || is_credential(dashed) {
            Self::Never
        } else if is_managed(dashed) {
            Self::Managed
        } else if tells_of_caller(dashed) {
            Self::OfCaller
        } else {
            Self::Other
        }
    }
}

/// Headers by which a caller's software, address, account or session could be told, those that ask for a part of an answer
/// or for one only if it changed, and what is for the gateway alone.
fn tells_of_caller(dashed: &str) -> bool {
    matches!(
        dashed,
        "cf-connecting-ip"
            | "forwarded"
            | "openai-organization"
            | "openai-project"
            | "origin"
            | "range"
            | "referer"
            | "true-client-ip"
            | "user-agent"
            | "via"
            | "x-amz-security-token"
            | "x-auth-token"
            | "x-client-ip"
            | "x-llm-arm"
            | "x-real-ip"
    ) || ["if-", "proxy-", "x-forwarded-", "x-stainless-"]
        .iter()
        .any(|prefix| dashed.starts_with(prefix))
}

/// Whether a header means something in another API than the provider's.
fn is_foreign(name: &HeaderName, selected: &Selected) -> bool {
    let begins = |format: &ApiFormat| {
        let mut prefixes = format.api().header_prefixes().iter();
        prefixes.any(|prefix| name.as_str().starts_with(prefix))
    };
    let is_some = ApiFormat::BUILT_IN.iter().any(begins) || begins(&selected.client());
    is_some && !begins(&selected.provider())
}

/// Drops from a provider's headers what speaks of its connection or its site, and so isn't the caller's.
pub(super) fn response(headers: &mut HeaderMap) {
    let named = named_by_connection(headers);
    drop_where(headers, |name| {
        is_hop_by_hop(&dashed(name))
            || named.contains(name)
            || matches!(
                name.as_str(),
                "alt-svc" | "server" | "set-cookie" | "set-cookie2" | "strict-transport-security"
            )
    });
}

/// Names that `connection` adds to the hop-by-hop headers of one message.
fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(header::CONNECTION).iter();
    let names = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    names
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect()
}

/// Drops headers with all their values.
fn drop_where(headers: &mut HeaderMap, unwanted: impl Fn(&HeaderName) -> bool) {
    if !headers.keys().any(&unwanted) {
        return;
    }
    // To take out one by one would look each up again, and move others.
    let all = mem::take(headers);
    headers.reserve(all.keys_len());
    let mut stays = None;
    for (name, value) in all {
        // Further values of a header come without its name.
        if let Some(name) = name {
            stays = Some(name).filter(|name| !unwanted(name));
        }
        if let Some(name) = &stays {
            headers.append(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_keeps_all_its_values_in_their_order() {
        let all = [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"), ("b", "5")];
        let all = all.map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        let mut headers: HeaderMap = HeaderMap::new();
        for (name, value) in all {
            headers.append(name, value);
        }
        drop_where(&mut headers, |name| *name == "c");
        let values = |name| headers.get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(values("a"), ["1", "3"]);
        assert_eq!(values("b"), ["2", "5"]);
        assert_eq!(values("c"), [""; 0]);
    }
}

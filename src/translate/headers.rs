use std::fmt::Write as _;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{
    context::ConfiguredHeaders,
    format::{Api, ApiFormat, Dialect},
    headers::{RETRY_AFTER_MS, retry_after},
    ir::{Error, Losses},
};

use super::{plan::Plan, request::JSON};

/// Response headers that mean the same to every caller. All others are the provider's own affair.
const SHARED: [HeaderName; 5] = [
    header::RETRY_AFTER,
    RETRY_AFTER_MS,
    HeaderName::from_static("x-should-retry"),
    header::DATE,
    header::VIA,
];

const WARNINGS: HeaderName = HeaderName::from_static("x-translation-warnings");

const UPSTREAM_ID: HeaderName = HeaderName::from_static("x-upstream-request-id");

/// Makes a request's headers those of the provider's format. What configuration has set stays.
pub(super) fn request(
    plan: &Plan,
    dialect: &Dialect,
    configured: Option<&ConfiguredHeaders>,
    headers: &mut HeaderMap,
) {
    let is_configured = |name| configured.is_some_and(|configured| configured.contains(name));
    let foreign: Vec<HeaderName> = headers
        .keys()
        .filter(|name| belongs_to(plan.client.api(), name) && !is_configured(name))
        .cloned()
        .collect();
    for name in foreign {
        headers.remove(name);
    }
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::CONTENT_ENCODING);
    headers.insert(header::CONTENT_TYPE, JSON);
    plan.provider.api().prepare(headers, dialect);
}

fn belongs_to(api: &dyn Api, name: &HeaderName) -> bool {
    api.header_prefixes()
        .iter()
        .any(|prefix| name.as_str().starts_with(prefix))
}

/// Makes a response's headers those of the caller's format, for another body.
pub(super) fn response(plan: &Plan, headers: &mut HeaderMap, content_type: HeaderValue) {
    if plan.client != plan.provider {
        translate(plan, headers);
    }
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, content_type);
}

fn translate(plan: &Plan, headers: &mut HeaderMap) {
    let from = std::mem::take(headers);
    for name in SHARED {
        copy(&from, &name, headers, &name);
    }
    let id = plan.provider.api().request_id_header();
    copy(&from, &id, headers, &plan.client.api().request_id_header());
    copy(&from, &id, headers, &UPSTREAM_ID);
    rate_limits(plan.provider, plan.client, &from, headers);
}

/// Says when to try again, if the provider only said so in its error, and puts into the error what it only said in its
/// headers.
pub(super) fn share_retry(error: &mut Error, headers: &mut HeaderMap) {
    match (error.retry_after, retry_after(headers)) {
        (Some(wait), None) if !headers.contains_key(header::RETRY_AFTER) => {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        (None, from_head) => error.retry_after = from_head,
        _ => {}
    }
}

/// Names in a header what was lost, as far as it has room.
pub(super) fn warnings(losses: &Losses, headers: &mut HeaderMap) {
    const ROOM: usize = 1024;
    let mut text = String::new();
    for (index, loss) in losses.iter().enumerate() {
        if text.len() + loss.path.len() > ROOM {
            let rest = losses.iter().len() - index;
            // Writing to a string can't fail.
            let _ = write!(text, ", and {rest} more");
            break;
        }
        if index > 0 {
            text.push_str(", ");
        }
        let printable = |byte: char| if byte.is_ascii_graphic() { byte } else { '?' };
        text.extend(loss.path.chars().map(printable));
    }
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(WARNINGS, value);
    }
}

/// The id that the provider gave the response.
pub(super) fn upstream_id(provider: ApiFormat, headers: &HeaderMap) -> Option<String> {
    let id = headers.get(provider.api().request_id_header())?;
    Some(id.to_str().ok()?.to_owned())
}

fn rate_limits(provider: ApiFormat, client: ApiFormat, from: &HeaderMap, to: &mut HeaderMap) {
    let names = provider
        .api()
        .rate_limit_headers()
        .zip(client.api().rate_limit_headers());
    if let Some((theirs, ours)) = names {
        for (theirs, ours) in theirs.iter().zip(&ours) {
            copy(from, theirs, to, ours);
        }
    }
}

fn copy(from: &HeaderMap, theirs: &HeaderName, to: &mut HeaderMap, ours: &HeaderName) {
    if let Some(value) = from.get(theirs) {
        to.insert(ours.clone(), value.clone());
    }
}

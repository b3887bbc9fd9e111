use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::format::{Api, ApiFormat};

use super::{plan::Plan, request::JSON};

/// Response headers that mean the same to every caller. All others are the provider's own affair.
const SHARED: [HeaderName; 5] = [
    header::RETRY_AFTER,
    HeaderName::from_static("retry-after-ms"),
    HeaderName::from_static("x-should-retry"),
    header::DATE,
    header::VIA,
];

const UPSTREAM_ID: HeaderName = HeaderName::from_static("x-upstream-request-id");

/// Makes a request's headers those of the provider's format.
pub(super) fn request(plan: &Plan, headers: &mut HeaderMap) {
    let foreign: Vec<HeaderName> = headers
        .keys()
        .filter(|name| belongs_to(plan.client.api(), name))
        .cloned()
        .collect();
    for name in foreign {
        headers.remove(name);
    }
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::CONTENT_ENCODING);
    headers.insert(header::CONTENT_TYPE, JSON);
    plan.provider.api().prepare(headers, &plan.dialect);
}

fn belongs_to(api: &dyn Api, name: &HeaderName) -> bool {
    api.header_prefixes()
        .iter()
        .any(|prefix| name.as_str().starts_with(prefix))
}

/// Makes a response's headers those of the caller's format.
pub(super) fn response(plan: &Plan, headers: &mut HeaderMap, content_type: HeaderValue) {
    let from = std::mem::take(headers);
    for name in SHARED {
        copy(&from, &name, headers, &name);
    }
    let id = plan.provider.api().request_id_header();
    copy(&from, &id, headers, &plan.client.api().request_id_header());
    copy(&from, &id, headers, &UPSTREAM_ID);
    rate_limits(plan.provider, plan.client, &from, headers);
    headers.insert(header::CONTENT_TYPE, content_type);
}

/// The id that the provider gave the response.
pub(super) fn upstream_id(plan: &Plan, headers: &HeaderMap) -> Option<String> {
    let id = headers.get(plan.provider.api().request_id_header())?;
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

//! What a request is to the gateway, and what is said to those that are nothing to it.

use http::{
    HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, Version, header, request::Parts,
};

use crate::{
    Body,
    format::{ApiFormat, Operation, caller},
    ir::{self, ErrorKind},
    target,
};

use super::{
    Concern, Table,
    listing::Listing,
    path::{canonical, goes_up, is_malformed},
};

/// A request that the gateway answers.
#[derive(Debug)]
pub(crate) enum Matter<'a> {
    /// From the table.
    List(Listing),
    /// With a refusal: it asks for a WebSocket.
    Upgrade(ApiFormat),
    /// With a refusal: no provider shall see its path or query.
    Malformed(ApiFormat),
    /// By a provider.
    Route(Concern<'a>),
}

impl<'a> Matter<'a> {
    /// Reads the head of a request; `None` if it is the host's.
    pub(crate) fn of(
        table: &Table,
        method: &Method,
        uri: &'a Uri,
        headers: &HeaderMap,
    ) -> Option<Self> {
        if let Some(format) = upgrade(uri, headers) {
            return Some(Self::Upgrade(format));
        }
        if let Some(listing) = Listing::of(method, uri, headers) {
            return Some(Self::List(listing));
        }
        let concern = table.concerns(method, uri, headers)?;
        Some(if is_malformed(uri) {
            Self::Malformed(concern.format)
        } else {
            Self::Route(concern)
        })
    }

    /// The format that its caller speaks.
    pub(crate) fn format(&self) -> ApiFormat {
        match self {
            Self::List(listing) => listing.format,
            Self::Upgrade(format) | Self::Malformed(format) => *format,
            Self::Route(concern) => concern.format,
        }
    }
}

/// The format of a caller who asks for a WebSocket at a path where a provider has one, or has something else.
fn upgrade(uri: &Uri, headers: &HeaderMap) -> Option<ApiFormat> {
    let mut protocols = headers.get_all(header::UPGRADE).iter();
    let is_web_socket = protocols.any(|protocols| {
        let mut protocols = protocols.as_bytes().split(|byte| *byte == b',');
        protocols.any(|protocol| protocol.trim_ascii().eq_ignore_ascii_case(b"websocket"))
    });
    if !is_web_socket {
        return None;
    }
    let path = &*canonical(uri.path());
    let known = ApiFormat::detect(path).filter(|(_, call)| call.operation != Operation::Unknown);
    known.map(|(format, _)| format).or_else(|| live(path))
}

/// Paths that are there for upgrades alone. Sources: openai-python 3.54.0, `resources/realtime`; google-genai
/// 3.4.0, `live.py`.
fn live(path: &str) -> Option<ApiFormat> {
    if path.ends_with("/v1/realtime") || path.ends_with("/openai/realtime") {
        return Some(ApiFormat::OPENAI);
    }
    let (_, method) = path.rsplit_once('/')?;
    let is_gemini =
        method.starts_with("google.ai.generativelanguage.") && method.contains(".BidiGenerate");
    is_gemini.then_some(ApiFormat::GEMINI)
}

/// The refusal of a WebSocket. What the caller sends on the same connection is not read.
pub(super) fn refuse_upgrade(format: ApiFormat, version: Version) -> Response<Body> {
    let mut response = format.error_response(&no_web_sockets());
    if version <= Version::HTTP_11 {
        let headers = response.headers_mut();
        headers.insert(header::UPGRADE, HeaderValue::from_static("HTTP/1.1"));
        let connection = HeaderValue::from_static("upgrade, close");
        headers.insert(header::CONNECTION, connection);
    }
    response
}

/// The error of a request for a WebSocket.
pub(super) fn no_web_sockets() -> ir::Error {
    let message =
        "There are no WebSockets here: send a request, and ask for a stream if you want one.";
    ir::Error::bad_request(message)
        .with_status(StatusCode::UPGRADE_REQUIRED)
        .with_code("websocket_not_supported")
}

/// Whether a caller would rather speak something else on its connection. It is answered as if it had not said so, but
/// what comes behind is no longer read: it may be said in that other protocol, and who is in between may take it for that.
pub(super) fn wants_upgrade(parts: &Parts) -> bool {
    parts.version <= Version::HTTP_11 && parts.headers.contains_key(header::UPGRADE)
}

/// The response, which is the last one on its connection if it is to be.
pub(super) fn last(mut response: Response<Body>, closes: bool) -> Response<Body> {
    if closes {
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The error of a path or query that no URL can hold.
pub(super) fn malformed() -> ir::Error {
    let message = "The path has characters that no URL can hold, or that control something.";
    ir::Error::bad_request(message).with_code("invalid_path")
}

/// What a request gets that is not ours, if it is nobody's.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Nobody {
    /// The format of its caller, if its path tells that it is a client of such an API.
    format: Option<ApiFormat>,
    /// The methods that there are at its path.
    allow: Option<&'static str>,
}

impl Nobody {
    pub(super) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let path = &*canonical(uri.path());
        if goes_up(path) {
            return Self::default();
        }
        if let Some((format, call)) = ApiFormat::detect(path) {
            let is_known = call.operation != Operation::Unknown;
            return Self {
                format: Some(format),
                allow: is_known.then_some("POST"),
            };
        }
        if let Some(listing) = Listing::of(&Method::GET, uri, headers) {
            return Self {
                format: Some(listing.format),
                allow: Some("GET, HEAD"),
            };
        }
        let told = |path| caller::told(path, uri, headers).unwrap_or(ApiFormat::OPENAI);
        Self {
            format: target::below_version(path).map(told),
            allow: None,
        }
    }

    /// The answer: a method that is not there, or a path.
    pub(super) fn answer(self) -> Response<Body> {
        // Nobody's format in particular; this one is the most widely understood.
        let format = self.format.unwrap_or(ApiFormat::OPENAI);
        let Some(allow) = self.allow else {
            return format.error_response(&nothing_there());
        };
        let message = format!("This path has no such method: it has {allow}.");
        let error = ir::Error::bad_request(message)
            .with_status(StatusCode::METHOD_NOT_ALLOWED)
            .with_code("method_not_allowed");
        let mut response = format.error_response(&error);
        let headers = response.headers_mut();
        headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        response
    }
}

/// The error of a path that nobody serves.
pub(super) fn nothing_there() -> ir::Error {
    ir::Error::new(ErrorKind::NotFound, "There is nothing at this path.").with_code("not_found")
}

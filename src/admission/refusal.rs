use http::{HeaderMap, HeaderValue, Response, Uri, header::WWW_AUTHENTICATE};

use crate::{
    Body,
    format::{ApiFormat, caller},
    ir::{Error, ErrorKind},
    target,
};

/// Why somebody gets no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No key was sent.
    Missing,
    /// What was sent is none of the keys.
    Unknown,
}

impl Refusal {
    /// The answer, in the caller's format. Nothing of what was sent is in it.
    pub(super) fn answer(self, format: ApiFormat) -> Response<Body> {
        let message = match self {
            Self::Missing => {
                let (name, prefix) = format.api().credential();
                format!("An API key is missing: send one as \"{name}: {prefix}KEY\".")
            }
            Self::Unknown => "The API key is not valid here.".to_owned(),
        };
        let error = Error::new(ErrorKind::Unauthenticated, message).with_code("invalid_api_key");
        let mut response = format.error_response(&error);
        // RFC 9110, 15.5.2: a 401 must say how to do better.
        let bearer = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
        response
    }
}

/// The format in which to refuse: that of the path, else the one whose headers were sent.
pub(super) fn format_of(headers: &HeaderMap, uri: &Uri) -> ApiFormat {
    let path = uri.path();
    if let Some((format, _)) = ApiFormat::detect(path) {
        return format;
    }
    let told = match target::below_version(path) {
        Some(path) => caller::told(path, uri, headers),
        None => caller::by_headers(uri, headers),
    };
    // Nobody's format in particular; this one is the most widely understood.
    told.unwrap_or(ApiFormat::OPENAI)
}

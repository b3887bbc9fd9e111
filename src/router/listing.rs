//! Lists of models: what the table can route, in the shape that the caller knows. No provider is asked.

use std::borrow::Cow;

use bytes::BytesMut;
use http::{HeaderMap, HeaderValue, Method, Response, Uri, header};

use crate::{
    Body,
    format::{ApiFormat, Operation, common::percent},
};

use super::{Facts, Table};

/// A request for the list of models, or for one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listing<'a> {
    pub(super) format: ApiFormat,
    model: Option<Cow<'a, str>>,
}

impl<'a> Listing<'a> {
    /// Reads the head of a request; `None` if it asks for something else. Three APIs share one path, and their clients
    /// are told apart by the headers they send.
    pub(crate) fn of(method: &Method, uri: &'a Uri, headers: &HeaderMap) -> Option<Self> {
        if method != Method::GET {
            return None;
        }
        let path = uri.path();
        let (only_gemini, model) = match behind(path, "/v1/models") {
            Some(model) => (false, model),
            None => (true, behind(path, "/v1beta/models")?),
        };
        let model = (!model.is_empty()).then(|| percent::decode(model));
        let format = if only_gemini {
            ApiFormat::GEMINI
        } else {
            caller(uri, headers)
        };
        Some(Self { format, model })
    }

    /// The answer.
    pub(super) fn answer(&self, table: &Table, headers: &HeaderMap) -> Response<Body> {
        let api = self.format.api();
        let routes = |model: &str| {
            let path = api.path(Operation::Generate, model, false);
            let facts = Facts::new(&path, self.format, model, headers);
            table.decide(&facts).is_ok()
        };
        let mut out = BytesMut::new();
        match self.model.as_deref() {
            Some(model) if routes(model) => api.encode_model(model, &mut out),
            Some(model) => return self.format.error_response(&api.unknown_model(model)),
            None => {
                let mut models = table.inner().named_models();
                models.retain(|model| routes(model));
                api.encode_models(&models, &mut out);
            }
        }
        let mut response = Response::new(Body::full(out));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }
}

/// Who asks at the path that three APIs share.
fn caller(uri: &Uri, headers: &HeaderMap) -> ApiFormat {
    let query = uri.query().unwrap_or_default();
    if headers.contains_key("anthropic-version") {
        ApiFormat::ANTHROPIC
    } else if headers.contains_key("x-goog-api-key")
        || query.split('&').any(|pair| pair.starts_with("key="))
    {
        ApiFormat::GEMINI
    } else {
        ApiFormat::OPENAI
    }
}

/// What comes behind the collection, wherever it is mounted: nothing, if it is all of it.
fn behind<'a>(path: &'a str, collection: &str) -> Option<&'a str> {
    if path.ends_with(collection) {
        return Some("");
    }
    let start = path.find(collection)? + collection.len();
    let model = path.get(start..)?.strip_prefix('/')?;
    (!model.is_empty()).then_some(model)
}

//! Lists of models: what the table can route, in the shape that the caller knows. No provider is asked.

use bytes::BytesMut;
use http::{HeaderMap, HeaderValue, Method, Response, Uri, header};
use http_body::Body as _;

use crate::{
    Body,
    format::{ApiFormat, Call, Operation, caller, common::percent},
};

use super::{
    Facts, Table,
    path::{canonical, goes_up},
};

/// Where only Gemini's clients ask.
const GEMINI: [&str; 2] = ["/v1beta/models", "/v1alpha/models"];

/// A request for the list of models, or for one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(super) format: ApiFormat,
    model: Option<String>,
    /// Whether only the head of the answer is wanted.
    head: bool,
}

impl Listing {
    /// Reads the head of a request; `None` if it asks for something else. Three APIs share one path, and their clients
    /// are told apart by the headers they send.
    pub(crate) fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let head = match *method {
            Method::GET => false,
            Method::HEAD => true,
            _ => return None,
        };
        let path = &*canonical(uri.path());
        let is_known = |call: Call<'_>| call.operation != Operation::Unknown;
        if goes_up(path) || ApiFormat::detect(path).is_some_and(|(_, call)| is_known(call)) {
            return None;
        }
        let (only_gemini, model) = match behind(path, "/v1/models") {
            Some(model) => (false, model),
            None => (true, GEMINI.iter().find_map(|list| behind(path, list))?),
        };
        let model = (!model.is_empty()).then(|| percent::decode(model).into_owned());
        let format = if only_gemini {
            ApiFormat::GEMINI
        } else {
            caller::by_headers(uri, headers).unwrap_or(ApiFormat::OPENAI)
        };
        Some(Self {
            format,
            model,
            head,
        })
    }

    /// The answer. To a `HEAD` request, it has the headers of what `GET` gets, and nothing else.
    pub(super) fn answer(&self, table: &Table, headers: &HeaderMap) -> Response<Body> {
        let response = self.whole(table, headers);
        if !self.head {
            return response;
        }
        let (mut parts, body) = response.into_parts();
        if let Some(length) = body.size_hint().exact() {
            parts.headers.insert(header::CONTENT_LENGTH, length.into());
        }
        Response::from_parts(parts, Body::empty())
    }

    fn whole(&self, table: &Table, headers: &HeaderMap) -> Response<Body> {
        let api = self.format.api();
        let routes = |model: &str| self.reaches(table, model, headers);
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

    /// Whether the caller can reach a model, where its formats are spoken or where a rule that names the model says.
    fn reaches(&self, table: &Table, model: &str, headers: &HeaderMap) -> bool {
        let decides = |format, operation, path: &str| {
            let mut facts = Facts::new(path, format, model, headers);
            facts.operation = operation;
            table.decide(&facts).is_ok()
        };
        let formats = formats(self.format);
        let generates = |format: &ApiFormat| {
            let path = format.api().path(Operation::Generate, model, false);
            decides(*format, Operation::Generate, &path)
        };
        formats.iter().any(generates)
            || table.inner().paths_of(model).any(|path| {
                ApiFormat::detect(path).is_some_and(|(format, call)| {
                    formats.contains(&format) && decides(format, call.operation, path)
                })
            })
    }
}

/// The formats whose clients ask for a list of this shape.
fn formats(shape: ApiFormat) -> Vec<ApiFormat> {
    let responses = (shape == ApiFormat::OPENAI).then_some(ApiFormat::OPENAI_RESPONSES);
    [shape].into_iter().chain(responses).collect()
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

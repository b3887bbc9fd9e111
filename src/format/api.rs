use std::{borrow::Cow, fmt, hash, str::FromStr};

use bytes::BytesMut;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Serialize, Serializer};

use crate::{ir, json};

use super::{Codec, Dialect};

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// An answer from a model. The one operation that is translated.
    Generate,
    /// How many tokens a prompt has.
    CountTokens,
    /// Something only this format has, at this path (such as `/v1/embeddings`): routed by model, never translated.
    Other(&'static str),
    /// Something at a path that no table lists. It goes to the same path, from the version on, or nowhere.
    Unknown,
}

/// Operations of [`Operation::Other`] that begin work which goes on by itself.
const MAKING: [&str; 4] = [
    "/v1/videos",
    ":asyncBatchEmbedContent",
    ":batchGenerateContent",
    ":predictLongRunning",
];

impl Operation {
    /// Whether the provider may have something for it that was not there before, such as a job or a file: asked twice,
    /// there would be two.
    #[cfg_attr(not(feature = "router"), allow(dead_code))]
    pub(crate) fn may_make(self) -> bool {
        match self {
            Self::Generate | Self::CountTokens => false,
            Self::Other(path) => MAKING.contains(&path),
            Self::Unknown => true,
        }
    }
}

impl Operation {
    /// Its name in logs and metrics: `generate`, `count_tokens`, `unknown`, or the end of the path of any other, such as
    /// `embeddings`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Generate => "generate",
            Self::CountTokens => "count_tokens",
            Self::Other(path) => path
                .trim_start_matches("/v1")
                .trim_start_matches(['/', ':']),
            Self::Unknown => "unknown",
        }
    }
}

/// What a path says of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call<'a> {
    /// What is asked for.
    pub operation: Operation,
    /// The model, in formats that name it in the path. Percent-decoded.
    pub model: Option<Cow<'a, str>>,
    /// Whether a stream is asked for, in formats that say so in the path.
    pub stream: Option<bool>,
}

impl Call<'_> {
    /// A call whose model and stream flag are in its body.
    pub const fn new(operation: Operation) -> Self {
        Self {
            operation,
            model: None,
            stream: None,
        }
    }

    /// The same, without a borrow of the path.
    pub fn into_owned(self) -> Call<'static> {
        Call {
            operation: self.operation,
            model: self.model.map(|model| Cow::Owned(model.into_owned())),
            stream: self.stream,
        }
    }
}

/// One API that callers and providers speak: all of it but the bodies of requests and answers.
pub trait Api: fmt::Debug + Send + Sync + 'static {
    /// Its name in configuration files, such as `openai`.
    fn id(&self) -> &'static str;

    /// What a `POST` to `path` asks for; `None` if the path is not of this API. Only the end of the path counts, so
    /// that a host may mount it anywhere; what ends like this is answered by the gateway and not by the host, unless it
    /// is [`Operation::Unknown`]: a path of this API's shape that names a model.
    fn detect<'a>(&self, path: &'a str) -> Option<Call<'a>>;

    /// Whether a caller that asks for a stream with this query gets it as a JSON array instead of as events.
    fn is_json_array(&self, _query: Option<&str>) -> bool {
        false
    }

    /// Where a provider listens, as path and query from the root; for [`Operation::Unknown`] the version alone.
    fn path(&self, operation: Operation, model: &str, stream: bool) -> Cow<'static, str>;

    /// A path that names a model, with another one; `None` if it names none.
    fn path_with_model(&self, _path: &str, _model: &str) -> Option<String> {
        None
    }

    /// Whether the body of a request whose path names the model may name it again.
    fn repeats_model(&self, _operation: Operation) -> bool {
        false
    }

    /// Such a body with another model than the `known` one; `None` if it names that nowhere.
    fn body_with_model(&self, _body: &[u8], _known: &str, _model: &str) -> Option<BytesMut> {
        None
    }

    /// Header that a provider expects its key in, and what stands before the key.
    fn credential(&self) -> (HeaderName, &'static str);

    /// Adds headers that a provider insists on, unless they are there.
    fn prepare(&self, _headers: &mut HeaderMap, _dialect: &Dialect) {}

    /// Beginnings of header names that mean something only in this API.
    fn header_prefixes(&self) -> &'static [&'static str];

    /// The header that carries a response's id.
    fn request_id_header(&self) -> HeaderName;

    /// Names of the rate limit headers: requests limit, requests remaining, tokens limit, tokens remaining.
    fn rate_limit_headers(&self) -> Option<[HeaderName; 4]> {
        None
    }

    /// Ids of the formats to translate to, best first, where a provider doesn't speak this one.
    fn preferences(&self) -> &'static [&'static str];

    /// Reads an error response. Never fails: what can't be read becomes an error that says so.
    fn decode_error(&self, status: StatusCode, body: &[u8]) -> ir::Error;

    /// Writes an error as a JSON body; returns the status that goes with it.
    fn encode_error(&self, error: &ir::Error, out: &mut BytesMut) -> StatusCode;

    /// The error for a model that leads nowhere, in the words that callers of this API know. `model` may be shown.
    fn unknown_model(&self, model: &str) -> ir::Error {
        let message = format!("The model '{model}' is not configured on this gateway.");
        ir::Error::new(ir::ErrorKind::NotFound, message)
            .with_code("model_not_found")
            .with_param("model")
    }

    /// Writes a list of models that can be asked, as the answer to `GET /v1/models`. In `OpenAI`'s shape, unless the API
    /// has its own.
    fn encode_models(&self, models: &[&str], out: &mut BytesMut) {
        json::object(out, |o| {
            o.field("object", "list");
            o.array("data", |a| {
                for model in models {
                    self.encode_model(model, a.element());
                }
            });
        });
    }

    /// Writes what is known of one model.
    fn encode_model(&self, model: &str, out: &mut BytesMut) {
        json::object(out, |o| {
            o.field("id", model);
            o.field("object", "model");
            o.field("created", 0_u64);
            o.field("owned_by", "system");
        });
    }

    /// What translates its bodies. Without one, it only passes through.
    fn codec(&self) -> Option<&'static dyn Codec> {
        None
    }
}

/// A format, such as [`ApiFormat::OPENAI`]. Cheap to copy; equal if the ids are.
#[derive(Clone, Copy)]
pub struct ApiFormat(&'static dyn Api);

impl ApiFormat {
    /// A format that a host brings.
    pub const fn custom(api: &'static dyn Api) -> Self {
        Self(api)
    }

    /// Its name in configuration files.
    pub fn id(self) -> &'static str {
        self.0.id()
    }

    /// The API behind the handle.
    pub fn api(self) -> &'static dyn Api {
        self.0
    }

    /// What translates its bodies.
    pub fn codec(self) -> Option<&'static dyn Codec> {
        self.0.codec()
    }

    /// The built-in format that a `POST` to `path` speaks, and what it asks for.
    pub fn detect(path: &str) -> Option<(Self, Call<'_>)> {
        Self::BUILT_IN
            .iter()
            .find_map(|format| Some((*format, format.0.detect(path)?)))
    }

    /// A JSON error body in this format, and the status that goes with it.
    pub fn error_body(self, error: &ir::Error) -> (StatusCode, BytesMut) {
        let mut body = BytesMut::with_capacity(256);
        let status = self.0.encode_error(error, &mut body);
        (status, body)
    }

    /// A whole error response in this format, for an error of our own: one that will not go away is marked as not
    /// worth another try. The error is in its extensions, for who counts them.
    pub fn error_response(self, error: &ir::Error) -> http::Response<crate::Body> {
        let (status, body) = self.error_body(error);
        let mut response = http::Response::new(crate::Body::full(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/json");
        headers.insert(http::header::CONTENT_TYPE, json);
        if status.is_client_error() || status == StatusCode::NOT_IMPLEMENTED {
            // Client libraries go by this before they go by the status.
            headers.insert("x-should-retry", HeaderValue::from_static("false"));
        }
        if let Some(wait) = error.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(http::header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(error.clone());
        response
    }
}

impl fmt::Debug for ApiFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl fmt::Display for ApiFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// As its name in configuration files.
impl Serialize for ApiFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl PartialEq for ApiFormat {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for ApiFormat {}

impl hash::Hash for ApiFormat {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

/// A format id that no built-in format has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownFormat(pub String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown format {:?}; known are", self.0)?;
        for (index, format) in ApiFormat::BUILT_IN.iter().enumerate() {
            write!(f, "{}{format}", if index == 0 { " " } else { ", " })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for ApiFormat {
    type Err = UnknownFormat;

    fn from_str(id: &str) -> Result<Self, UnknownFormat> {
        let known = Self::BUILT_IN
            .iter()
            .copied()
            .find(|format| format.id() == id);
        known.ok_or_else(|| UnknownFormat(id.to_owned()))
    }
}

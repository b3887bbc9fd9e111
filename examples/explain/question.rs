//! The request that is asked about.

use http::{HeaderName, HeaderValue, Method, Request, Uri};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A request, as far as somebody has said what it is.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Question {
    pub(crate) path: String,
    /// A text, or else what is wrong.
    pub(crate) model: Option<Value>,
    pub(crate) stream: Option<bool>,
    pub(crate) method: Option<String>,
    #[serde(default, deserialize_with = "pairs")]
    pub(crate) headers: Vec<(String, String)>,
    #[serde(skip)]
    pub(crate) body: Option<Vec<u8>>,
}

fn pairs<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<(String, String)>, D::Error> {
    let headers = Option::<Map<String, Value>>::deserialize(from)?.unwrap_or_default();
    let pairs = headers.into_iter().map(|(name, value)| match value {
        Value::String(value) => Ok((name, value)),
        _ => Err(serde::de::Error::custom("headers are texts")),
    });
    pairs.collect()
}

impl Question {
    /// The request, as it would come in. What is wrong with it is said without headers: there are keys among them.
    pub(crate) fn request(&self) -> Result<Request<Vec<u8>>, String> {
        let path = &self.path;
        let uri: Result<Uri, _> = path.parse();
        let uri = uri
            .ok()
            .filter(|uri| path.starts_with('/') && uri.path().starts_with('/'));
        let mut request = Request::new(self.body());
        *request.uri_mut() = uri.ok_or_else(|| format!("{path:?} is no path"))?;
        let method = self.method.as_deref().unwrap_or("POST").to_uppercase();
        *request.method_mut() = Method::from_bytes(method.as_bytes())
            .map_err(|_| format!("{method:?} is no method"))?;
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name).map_err(|_| "the name of a header is wrong")?;
            let value = HeaderValue::try_from(value);
            let value = value.map_err(|_| format!("the value of the header {name} is wrong"))?;
            request.headers_mut().append(name, value);
        }
        Ok(request)
    }

    /// The body with the model and the stream flag that were said apart from it.
    fn body(&self) -> Vec<u8> {
        let body = self.body.clone().unwrap_or_default();
        if self.model.is_none() && self.stream.is_none() {
            return body;
        }
        let mut members: Map<String, Value> = serde_json::from_slice(&body).unwrap_or_default();
        let said = [
            ("model", self.model.clone()),
            ("stream", self.stream.map(Value::Bool)),
        ];
        for (name, value) in said {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        }
        Value::Object(members).to_string().into_bytes()
    }
}

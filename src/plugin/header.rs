//! `custom_header`: sets or removes request headers.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderName, HeaderValue, Request};
use serde_json::Value;
use tower_layer::layer_fn;
use tower_service::Service;

use crate::{
    Body, BoxError,
    context::ConfiguredHeaders,
    headers::{dashed, is_credential, is_hop_by_hop, is_managed},
};

use super::PluginLayer;

/// What to set; `None` removes.
type Settings = Arc<[(HeaderName, Option<HeaderValue>)]>;

/// Makes the plugin. Settings: `{"headers": {"x-name": "value", "x-other": null}}`; `null` removes a header.
///
/// A header that the caller sent is replaced. Where several plugins name the same header, the outermost counts, which
/// is that of the most specific rule; the others find it settled and leave it.
pub(super) fn make(settings: &Value) -> Result<PluginLayer, BoxError> {
    let settings: Settings = read(settings)?.into();
    Ok(PluginLayer::new(layer_fn(move |inner| CustomHeader {
        inner,
        settings: Arc::clone(&settings),
    })))
}

fn read(settings: &Value) -> Result<Vec<(HeaderName, Option<HeaderValue>)>, BoxError> {
    let members = match settings {
        Value::Null => return Ok(Vec::new()),
        Value::Object(members) => members,
        _ => return Err("the settings must be an object with the member `headers`".into()),
    };
    if let Some(unknown) = members.keys().find(|key| *key != "headers") {
        return Err(format!("unknown setting {unknown:?}; the only one is `headers`").into());
    }
    let headers = match members.get("headers") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(headers)) => headers,
        Some(_) => return Err("`headers` must be an object of names and values".into()),
    };
    let mut read: Vec<(HeaderName, Option<HeaderValue>)> = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let (name, value) = header(name, value)?;
        if read.iter().any(|(other, _)| *other == name) {
            return Err(format!("header {:?} is set twice", name.as_str()).into());
        }
        read.push((name, value));
    }
    Ok(read)
}

fn header(name: &str, value: &Value) -> Result<(HeaderName, Option<HeaderValue>), BoxError> {
    let parsed: HeaderName = name
        .parse()
        .map_err(|_| format!("{name:?} is not the name of a header"))?;
    if let Some(reason) = reserved(&parsed) {
        return Err(format!("header {name:?} can't be set here: {reason}").into());
    }
    let value = match value {
        Value::Null => None,
        Value::String(text) => {
            let value = HeaderValue::from_str(text).ok();
            let mut value = value.filter(|_| text.is_ascii()).ok_or_else(|| {
                format!("the value of header {name:?} has characters that no header can hold")
            })?;
            // It may be a secret, so it is shown nowhere.
            value.set_sensitive(true);
            Some(value)
        }
        _ => {
            return Err(format!("header {name:?} must be a string, or null to remove it").into());
        }
    };
    Ok((parsed, value))
}

fn reserved(name: &HeaderName) -> Option<&'static str> {
    let dashed = &*dashed(name);
    if is_credential(dashed) {
        Some("credentials are settled by the downstream's `api_key` and `auth`")
    } else if is_hop_by_hop(dashed) {
        Some("it speaks of the connection and not of the request")
    } else if is_managed(dashed) {
        Some("the client settles it for each request")
    } else {
        None
    }
}

#[derive(Debug, Clone)]
struct CustomHeader<S> {
    inner: S,
    settings: Settings,
}

impl<S: Service<Request<Body>>> Service<Request<Body>> for CustomHeader<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> S::Future {
        apply(&self.settings, &mut request);
        self.inner.call(request)
    }
}

fn apply(settings: &[(HeaderName, Option<HeaderValue>)], request: &mut Request<Body>) {
    for (name, value) in settings {
        let configured = request
            .extensions_mut()
            .get_or_insert_default::<ConfiguredHeaders>();
        if !configured.insert(name.clone()) {
            continue;
        }
        match value {
            Some(value) => drop(request.headers_mut().insert(name, value.clone())),
            None => drop(request.headers_mut().remove(name)),
        }
    }
}

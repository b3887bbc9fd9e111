use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Request, Uri, header, request::Parts};

use crate::{
    Body,
    context::ConfiguredHeaders,
    format::{Codec, Content, Named, Operation, Peek},
    ir::{Error, Exchange, Losses},
    json::Text,
};

use super::{
    headers,
    plan::{Plan, Same, Task},
};

/// The request for a provider that speaks the caller's format. Nothing is touched but the model's name, unless there are
/// thoughts in it of another provider's model, which this one would refuse. What was left out then.
pub(super) fn same(
    same: &Same,
    mut parts: Parts,
    body: Bytes,
) -> Result<(Request<Body>, Option<Losses>), Error> {
    let named = parts.extensions.remove::<Named>();
    if let Some(codec) = same.codec
        && let Some((out, losses)) = without_foreign_thoughts(same, codec, &body)?
    {
        parts.headers.remove(header::CONTENT_LENGTH);
        return Ok((Request::from_parts(parts, Body::full(out)), Some(losses)));
    }
    let body = match (&same.model, &same.in_path) {
        (Some(model), Some(known)) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            let renamed = same.format.api().body_with_model(&body, known, model);
            Body::full(renamed.map_or(body, BytesMut::freeze))
        }
        (Some(model), None) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            let chunks = named.and_then(|named| named.rename(&body, model));
            chunks.map(Body::chunks).map_or_else(
                || {
                    let content = Content::of(same.operation, &parts.headers);
                    renamed(same.operation, &content, &body, model)
                },
                Ok,
            )?
        }
        (None, _) => Body::full(body),
    };
    Ok((Request::from_parts(parts, body), None))
}

/// The body under another model name; nothing else is touched.
fn renamed(
    operation: Operation,
    content: &Content,
    body: &Bytes,
    model: &str,
) -> Result<Body, Error> {
    match content {
        Content::Opaque => Ok(Body::full(body.clone())),
        Content::Json => {
            let peek = Peek::read(body)
                .map_err(|error| Error::bad_request(format!("Invalid JSON: {error}")))?;
            // What takes no model is not given one.
            if operation == Operation::Unknown && peek.model.is_none() {
                return Ok(Body::full(body.clone()));
            }
            Ok(Body::chunks(peek.rename(body, model)))
        }
        Content::Form(boundary) => {
            let field = boundary
                .field(body, "model")
                .map_err(|error| Error::bad_request(format!("Invalid form: {error}")))?;
            let Some(field) = field else {
                return Ok(Body::full(body.clone()));
            };
            let name = Bytes::copy_from_slice(model.as_bytes());
            let (head, tail) = (body.slice(..field.start), body.slice(field.end..));
            Ok(Body::chunks([head, name, tail]))
        }
    }
}

/// The body read and written by its own codec, which leaves out what other providers' models thought. `None` if there is
/// no such thing, or if it can't be read: its provider will say that better.
fn without_foreign_thoughts(
    same: &Same,
    codec: &dyn Codec,
    body: &[u8],
) -> Result<Option<(BytesMut, Losses)>, Error> {
    let dialect = same.dialect();
    if !codec.has_foreign_thoughts(body, same.known(), &dialect) {
        return Ok(None);
    }
    // Never strict: the caller said nothing that its own format can't say.
    let mut exchange = Exchange::default();
    let Ok(mut request) = codec.decode_request(body, &mut exchange) else {
        return Ok(None);
    };
    if !same.known().is_empty() {
        request.model = Text::from(same.known());
    }
    let mut out = BytesMut::with_capacity(body.len());
    codec.encode_request(&request, &dialect, &mut exchange, &mut out)?;
    Ok(Some((out, exchange.losses)))
}

/// The request in the provider's format.
pub(super) fn translate(
    plan: &Plan,
    mut parts: Parts,
    body: &[u8],
) -> Result<(Request<Body>, Exchange), Error> {
    let mut exchange = exchange(plan);
    let api = plan.client.api();
    let mut request = plan.decoder.decode_request(body, &mut exchange)?;
    if let Some(call) = api.detect(parts.uri.path()) {
        request.model = call.model.map_or(request.model, Text::from);
        request.stream = call.stream.unwrap_or(request.stream);
    }
    if let Task::Count { .. } = plan.task {
        request.stream = false;
    }
    exchange.stream = request.stream;
    exchange.json_array = request.stream && api.is_json_array(parts.uri.query());
    if let Some(model) = &plan.model {
        request.model = Text::from(&**model);
    }
    let mut out = BytesMut::with_capacity(body.len() + body.len() / 8 + 512);
    let model = request.model.decode();
    let dialect = plan.dialect(&model);
    match plan.task {
        Task::Generate => {
            plan.encoder
                .encode_request(&request, &dialect, &mut exchange, &mut out)?;
        }
        Task::Count { ask, .. } => {
            ask.encode_request(&request, &dialect, &mut exchange, &mut out)?;
        }
    }
    exchange.losses.tolerate();
    exchange.model = model.clone().into_owned();

    let operation = plan.task.operation();
    let path = plan.provider.api().path(operation, &model, request.stream);
    parts.uri = Uri::try_from(&*path).map_err(|_| {
        Error::bad_request("The model's name can't stand in a path.").with_param("model")
    })?;
    let configured = parts.extensions.get::<ConfiguredHeaders>();
    headers::request(plan, &dialect, configured, &mut parts.headers);
    Ok((Request::from_parts(parts, Body::full(out)), exchange))
}

/// Codecs know neither clock nor chance; this is where both come from.
pub(super) fn exchange(plan: &Plan) -> Exchange {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let nonce = RandomState::new().hash_one(now);
    let mut exchange = Exchange::new(now, nonce);
    exchange.losses = Losses::new(plan.losses.strict == Some(true));
    if let Some(target) = &plan.target {
        exchange.losses = exchange.losses.tolerating(Arc::clone(target.tolerated()));
    }
    exchange
}

/// The content type of every translated body that comes whole.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

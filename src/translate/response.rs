use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header, response::Parts};

use crate::{
    Body, BoxError,
    body::TooLarge,
    context::End,
    format::{ApiFormat, StreamEnd},
    ir::{self, Error, ErrorKind, Exchange, Fold, Gist, Losses, NameMap, Part},
    json::Text,
};

use super::{
    elements::Items,
    follow::{Follow, end_of},
    headers,
    plan::{Plan, Task, Watch},
    request::JSON,
    stream::{EventStream, Gather, Relay},
};

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// How a body comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In one piece.
    Whole,
    /// As a stream of events.
    Events,
    /// As a JSON array that grows.
    Array,
}

impl Form {
    /// What the caller wants its stream to be.
    pub(super) fn of_stream(exchange: &Exchange) -> Self {
        if exchange.json_array {
            Self::Array
        } else {
            Self::Events
        }
    }

    fn content_type(self) -> HeaderValue {
        match self {
            Self::Whole | Self::Array => JSON,
            Self::Events => EVENT_STREAM,
        }
    }
}

/// A translation on its way back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) plan: Box<Plan>,
    pub(super) exchange: Exchange,
}

/// Whether the body is a stream of events. Only the content type counts, with or without parameters.
pub(super) fn is_event_stream(headers: &HeaderMap) -> bool {
    essence(headers).eq_ignore_ascii_case("text/event-stream")
}

/// Whether the body calls itself JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let last = essence(headers).rsplit_once(['/', '+']);
    last.is_some_and(|(_, last)| last.eq_ignore_ascii_case("json"))
}

/// The content type without its parameters.
fn essence(headers: &HeaderMap) -> &str {
    const PLAIN: &str = "application/json";
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
        return "";
    };
    // What nearly all of them say.
    if content_type == PLAIN {
        return PLAIN;
    }
    let essence = content_type.to_str().ok();
    let essence = essence.and_then(|value| value.split(';').next());
    essence.unwrap_or_default().trim()
}

/// A provider's error in place of what was to pass, in its own format.
pub(super) fn failed(watch: &Watch, mut parts: Parts, mut error: Error) -> Response<Body> {
    if let Some(progress) = &watch.progress {
        progress.ended(End::Failed);
    }
    let id = headers::upstream_id(watch.format, &parts.headers);
    error.request_id = id.or(error.request_id);
    headers::share_retry(&mut error, &mut parts.headers);
    let (status, body) = watch.format.error_body(&error);
    if parts.status.is_success() {
        parts.status = status;
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, JSON);
    parts.extensions.insert(error);
    Response::from_parts(parts, Body::full(body))
}

impl Answer {
    /// An answer that came whole.
    pub(super) fn whole(mut self, parts: Parts, body: Result<Bytes, BoxError>) -> Response<Body> {
        let translated = match body.map_err(|error| unreadable(&error)) {
            Ok(body) if !parts.status.is_success() => Err(self.provider_error(&parts, &body)),
            Ok(body) if self.stays(&body) => return Response::from_parts(parts, Body::full(body)),
            Ok(body) if body.trim_ascii_start().starts_with(b"[") => {
                let fold = self.gather(&body);
                return self.folded(parts, &fold);
            }
            Ok(body) => self.body(&body),
            Err(error) => Err(error),
        };
        match translated {
            Ok((body, form)) => respond(&self.plan, parts, body, form, self.exchange.losses),
            Err(error) => self.error(parts, &error),
        }
    }

    /// An answer that came as an array of the pieces of a stream.
    fn gather(&self, body: &[u8]) -> Fold {
        let mut items = Items::elements(self.plan.limits.event);
        let mut decoder = self.plan.encoder.stream_decoder();
        let mut follow = Follow::new(self.plan.progress.as_ref());
        let mut sink = Gather {
            fold: Fold::new(self.plan.provider.id()),
            exchange: Arc::new(self.exchange.clone()),
        };
        items.push(body);
        let end = loop {
            match items.next() {
                Ok(Some(item)) => follow.item(&mut *decoder, item, &mut sink),
                Ok(None) => break StreamEnd::Clean,
                Err(too_long) => break StreamEnd::Failed(Error::undecodable(too_long)),
            }
        };
        follow.finish(&mut *decoder, end, &mut sink);
        sink.fold
    }

    /// An answer that came as events, though the caller wants it whole.
    pub(super) fn folded(mut self, parts: Parts, fold: &Fold) -> Response<Body> {
        if let Some(error) = fold.error() {
            return self.error(parts, error);
        }
        let mut out = BytesMut::new();
        // The relay has restored the names already.
        match self
            .plan
            .decoder
            .encode_response(&fold.response(), &mut self.exchange, &mut out)
        {
            Ok(()) => respond(
                &self.plan,
                parts,
                Body::full(out),
                Form::Whole,
                self.exchange.losses,
            ),
            Err(error) => self.error(parts, &error),
        }
    }

    /// An answer that comes as a stream.
    pub(super) fn stream(self, parts: Parts, stream: EventStream<Relay>) -> Response<Body> {
        let form = Form::of_stream(&self.exchange);
        respond(
            &self.plan,
            parts,
            Body::of(stream),
            form,
            self.exchange.losses,
        )
    }

    /// An error in the caller's format, under the status that goes with it.
    pub(super) fn error(&self, mut parts: Parts, error: &Error) -> Response<Body> {
        let mut error = Error {
            request_id: headers::upstream_id(self.plan.provider, &parts.headers)
                .or(error.request_id.clone()),
            ..error.clone()
        };
        headers::share_retry(&mut error, &mut parts.headers);
        self.ended(End::Failed);
        let (status, body) = self.plan.client.error_body(&error);
        parts.status = status;
        parts.extensions.insert(error);
        respond(
            &self.plan,
            parts,
            Body::full(body),
            Form::Whole,
            self.exchange.losses.clone(),
        )
    }

    /// Tells whoever has made the attempt how the answer ended.
    pub(super) fn ended(&self, end: End) {
        if let Some(progress) = &self.plan.progress {
            progress.ended(end);
        }
    }

    fn provider_error(&self, parts: &Parts, body: &[u8]) -> Error {
        if parts.status.is_client_error() || parts.status.is_server_error() {
            return self.plan.provider.api().decode_error(parts.status, body);
        }
        Error::undecodable(format_args!("unexpected status {}", parts.status))
            .with_status(StatusCode::BAD_GATEWAY)
    }

    fn body(&mut self, body: &[u8]) -> Result<(Body, Form), Error> {
        if let Task::Count { ask, tell } = self.plan.task {
            let tokens = ask.decode_answer(body)?;
            let mut out = BytesMut::with_capacity(64);
            tell.encode_answer(tokens, &mut out);
            return Ok((Body::full(out), Form::Whole));
        }
        let exchange = &mut self.exchange;
        let mut response = self.plan.encoder.decode_response(body)?;
        let progress = self.plan.progress.as_ref();
        let end = progress.map(|progress| (progress, end_of(progress, &Gist::of(&response))));
        let mut out = BytesMut::with_capacity(body.len() + body.len() / 4 + 256);
        let form = if exchange.stream {
            // It restores the names itself.
            let mut relay = Relay::new(&self.plan, Arc::new(exchange.clone()), out);
            response.replay(&mut relay);
            out = relay.take();
            Form::of_stream(exchange)
        } else {
            restore_names(&mut response, &exchange.tool_names);
            if response.model.is_empty() {
                response.model = Text::from(exchange.model.clone());
            }
            self.plan
                .decoder
                .encode_response(&response, exchange, &mut out)?;
            Form::Whole
        };
        if let Some((progress, end)) = end {
            progress.ended(end);
        }
        Ok((Body::full(out), form))
    }
}

/// Puts the tool names that the caller gave in place of those that the provider knows.
fn restore_names(response: &mut ir::Response<'_>, names: &NameMap) {
    let parts = response.choices.iter_mut();
    for part in parts.flat_map(|choice| &mut choice.parts) {
        if let Part::ToolCall(call) = part
            && let Some(original) = names.original(&call.name.decode())
        {
            call.name = Text::from(original.to_owned());
        }
    }
}

/// A response in the caller's format, with what was lost on the way.
pub(super) fn respond(
    plan: &Plan,
    mut parts: Parts,
    body: Body,
    form: Form,
    losses: Losses,
) -> Response<Body> {
    headers::response(plan, &mut parts.headers, form.content_type());
    if form != Form::Whole {
        parts
            .headers
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        let unbuffered = HeaderValue::from_static("no");
        parts.headers.insert("x-accel-buffering", unbuffered);
    }
    let mut response = Response::from_parts(parts, body);
    let lost = Lost {
        from: plan.client,
        to: plan.provider,
        losses,
        header: plan.losses.warnings == Some(true),
    };
    lost.tell(&mut response);
    response
}

/// What was lost in one exchange.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) from: ApiFormat,
    pub(super) to: ApiFormat,
    pub(super) losses: Losses,
    /// Whether the caller is told in a header.
    pub(super) header: bool,
}

impl Lost {
    /// Tells it to whoever logs, to the host, and if it is wanted to the caller.
    pub(super) fn tell(self, response: &mut Response<Body>) {
        let losses = self.losses;
        if losses.is_empty() {
            return;
        }
        trace(self.from, self.to, &losses);
        if self.header {
            headers::warnings(&losses, response.headers_mut());
        }
        response.extensions_mut().insert(losses);
    }
}

/// Tells what was lost to whoever logs.
pub(super) fn trace(from: ApiFormat, to: ApiFormat, losses: &Losses) {
    tracing::info!(
        target: "tower_llm_gateway::translate",
        from = from.id(),
        to = to.id(),
        losses = %losses,
        "lost in translation",
    );
}

/// Why a response body could not be collected.
pub(super) fn unreadable(error: &BoxError) -> Error {
    if let Some(said) = Error::found_in(&**error) {
        return said;
    }
    let (message, code) = match error.downcast_ref::<TooLarge>() {
        Some(too_large) => (
            format!("The provider's answer is too large: {too_large}."),
            "upstream_body_too_large",
        ),
        None => (
            "The connection to the provider broke before its answer was complete.".to_owned(),
            "upstream_body_error",
        ),
    };
    Error::new(ErrorKind::BadGateway, message).with_code(code)
}

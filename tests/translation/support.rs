//! How the tests of this binary translate.

use std::sync::Arc;

use bytes::BytesMut;
use serde_json::Value;
use tower_llm_gateway::{
    format::{ApiFormat, Codec, Dialect, StreamEnd},
    ir::{Error, Event, Exchange, Losses, Sink},
    sse::Parser,
};

pub const OPENAI: ApiFormat = ApiFormat::OPENAI;
pub const ANTHROPIC: ApiFormat = ApiFormat::ANTHROPIC;
pub const RESPONSES: ApiFormat = ApiFormat::OPENAI_RESPONSES;
pub const GEMINI: ApiFormat = ApiFormat::GEMINI;

/// All of them.
pub const ALL: [ApiFormat; 4] = [OPENAI, RESPONSES, ANTHROPIC, GEMINI];

/// A model that thinks by itself and takes no sampling parameters.
pub const NEW: &str = "claude-opus-5";
/// A model that thinks with a budget.
pub const OLD: &str = "claude-sonnet-4-5";

/// All directions between different formats.
pub fn directions() -> impl Iterator<Item = (ApiFormat, ApiFormat)> {
    let all = ALL.into_iter().flat_map(|from| ALL.map(|to| (from, to)));
    all.filter(|(from, to)| from != to)
}

/// The model to ask in requests to this format: one that thinks, in all of them.
pub fn thinker(format: ApiFormat) -> &'static str {
    if format == GEMINI {
        "gemini-3-pro-preview"
    } else {
        NEW
    }
}

pub fn codec(format: ApiFormat) -> &'static dyn Codec {
    format.codec().expect("it has one")
}

/// A translated request, and what is remembered of it.
#[derive(Debug)]
pub struct Sent {
    pub text: String,
    pub exchange: Exchange,
}

impl Sent {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("a translated request is JSON")
    }

    /// Where something was lost.
    pub fn losses(&self) -> Vec<&str> {
        self.exchange
            .losses
            .iter()
            .map(|loss| &*loss.path)
            .collect()
    }
}

/// A caller's request, in the words of the provider.
pub fn try_send(from: ApiFormat, to: ApiFormat, body: &str, strict: bool) -> Result<Sent, Error> {
    let mut exchange = Exchange::new(1_700_000_000, 1);
    exchange.losses = Losses::new(strict);
    let mut request = codec(from).decode_request(body.as_bytes(), &mut exchange)?;
    // Its path names the model of one of them, and only that one's.
    if from == GEMINI || to == GEMINI {
        request.model = thinker(to).into();
    }
    let mut out = BytesMut::new();
    codec(to).encode_request(&request, &Dialect::default(), &mut exchange, &mut out)?;
    let text = String::from_utf8(out.to_vec()).expect("JSON is UTF-8");
    Ok(Sent { text, exchange })
}

/// The body of a caller's request for a model, in the words of its provider.
pub fn send_to(from: ApiFormat, to: ApiFormat, model: &str, body: &str) -> String {
    let mut exchange = Exchange::new(1_700_000_000, 1);
    let request = codec(from).decode_request(body.as_bytes(), &mut exchange);
    let mut request = request.expect("a good request");
    request.model = model.to_owned().into();
    let mut out = BytesMut::new();
    codec(to)
        .encode_request(&request, &Dialect::default(), &mut exchange, &mut out)
        .expect("a request that can be said");
    String::from_utf8(out.to_vec()).expect("JSON is UTF-8")
}

pub fn send(from: ApiFormat, to: ApiFormat, body: &Value) -> Sent {
    try_send(from, to, &body.to_string(), false)
        .unwrap_or_else(|error| panic!("refused: {error}\n{body}"))
}

/// What an OpenAI caller's request is to Anthropic.
pub fn to_anthropic(body: &Value) -> Value {
    send(OPENAI, ANTHROPIC, body).json()
}

/// What an Anthropic caller's request is to an OpenAI server.
pub fn to_openai(body: &Value) -> Value {
    send(ANTHROPIC, OPENAI, body).json()
}

/// The error with which a request is refused.
pub fn refusal(from: ApiFormat, to: ApiFormat, body: &Value) -> Error {
    try_send(from, to, &body.to_string(), false).expect_err("it is refused")
}

/// What is remembered of a request when nothing in it was special.
pub fn plain_exchange(provider: ApiFormat) -> Exchange {
    let mut exchange = Exchange::new(1_700_000_000, 1);
    exchange.provider = provider.id();
    exchange.include_usage = true;
    exchange.include_seals = true;
    exchange
}

/// A provider's answer, as text in the caller's words.
pub fn answer_text(
    provider: ApiFormat,
    client: ApiFormat,
    body: &str,
    mut exchange: Exchange,
) -> Result<String, Error> {
    let response = codec(provider).decode_response(body.as_bytes())?;
    let mut out = BytesMut::new();
    codec(client).encode_response(&response, &mut exchange, &mut out)?;
    Ok(String::from_utf8(out.to_vec()).expect("JSON is UTF-8"))
}

/// A provider's answer in the caller's words.
pub fn answer(provider: ApiFormat, client: ApiFormat, body: &Value) -> Value {
    let text = answer_text(
        provider,
        client,
        &body.to_string(),
        plain_exchange(provider),
    );
    serde_json::from_str(&text.expect("it can be translated")).expect("it is JSON")
}

/// The events of a stream that comes in pieces.
pub fn decode<'a>(
    provider: ApiFormat,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    end: StreamEnd,
    sink: &mut dyn Sink,
) {
    let mut decoder = codec(provider).stream_decoder();
    let mut parser = Parser::new(1 << 24);
    for piece in pieces {
        parser.push(piece);
        while let Some(item) = parser.next().expect("the event is short") {
            decoder.item(item, sink);
        }
    }
    if end == StreamEnd::Clean
        && let Some(item) = parser.finish()
    {
        decoder.item(item, sink);
    }
    decoder.finish(end, sink);
}

/// A provider's stream in the caller's words.
pub fn stream_of<'a>(
    provider: ApiFormat,
    client: ApiFormat,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    exchange: Exchange,
) -> String {
    let mut encoder = codec(client).stream_encoder(Arc::new(exchange));
    let mut out = BytesMut::new();
    let mut sink = |event: Event<'_>| encoder.event(&event, &mut out);
    decode(provider, pieces, StreamEnd::Clean, &mut sink);
    String::from_utf8(out.to_vec()).expect("a stream is UTF-8")
}

pub fn stream(provider: ApiFormat, client: ApiFormat, text: &str) -> String {
    stream_of(
        provider,
        client,
        [text.as_bytes()],
        plain_exchange(provider),
    )
}

/// The data of each event that is JSON.
pub fn events(stream: &str) -> Vec<Value> {
    let data = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    data.filter_map(|data| serde_json::from_str(data).ok())
        .collect()
}

//! Translates one body, by the codecs of the two formats. No network, no clock, no chance: the same body gives the same
//! bytes.

use std::{str::FromStr, sync::Arc};

use bytes::BytesMut;
use http::StatusCode;
use tower_llm_gateway::{
    format::{ApiFormat, Codec, Dialect, StreamDecoder, StreamEncoder, StreamEnd},
    ir::{Error, ErrorKind, Event, Exchange, Losses, Sink},
    json::{self, Raw, Text},
    sse::{Item, Parser},
};

/// Most bytes of one event of a stream.
const EVENT_LIMIT: usize = 16 << 20;

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Response,
    Stream,
    Error,
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Ok(match word {
            "request" => Self::Request,
            "response" => Self::Response,
            "stream" => Self::Stream,
            "error" => Self::Error,
            _ => {
                return Err(format!(
                    "unknown kind {word:?}; known are request, response, stream, error"
                ));
            }
        })
    }
}

/// From which format to which, and what a body doesn't tell.
#[derive(Debug)]
pub(crate) struct Translation {
    pub(crate) from: ApiFormat,
    pub(crate) to: ApiFormat,
    pub(crate) kind: Kind,
    /// The model to ask, instead of the one in the request.
    pub(crate) model: Option<String>,
    /// The status of an error whose body tells none.
    pub(crate) status: StatusCode,
}

/// What came of a body.
#[derive(Debug)]
pub(crate) enum Outcome {
    Translated {
        body: Vec<u8>,
        losses: Losses,
    },
    /// The target can't say it.
    Refused {
        /// The error in the caller's format.
        body: Vec<u8>,
        error: Error,
    },
}

impl Translation {
    /// Translates a body. Equal formats pass untouched, as in the gateway.
    ///
    /// # Errors
    ///
    /// If it is no answer of the format it should be of.
    pub(crate) fn run(&self, body: &[u8]) -> Result<Outcome, Error> {
        if self.from == self.to {
            return Ok(Outcome::translated(body, Losses::default()));
        }
        let (from, to) = (codec(self.from)?, codec(self.to)?);
        let translated = match self.kind {
            Kind::Request => self.request(from, to, body),
            Kind::Response => self.response(from, to, body),
            Kind::Stream => self.stream(from, to, body),
            Kind::Error => Ok(self.error(body)),
        };
        match translated {
            Err(error) if is_unreadable(&error) => Err(error),
            Err(error) => Ok(self.refused(error)),
            done => done,
        }
    }

    fn request(&self, from: &dyn Codec, to: &dyn Codec, body: &[u8]) -> Result<Outcome, Error> {
        let mut exchange = Exchange::default();
        let mut request = from.decode_request(body, &mut exchange)?;
        if let Some(model) = &self.model {
            request.model = Text::from(&**model);
        } else if request.model.is_empty() {
            request.model = Text::from(usual_model(self.to));
        }
        let mut out = BytesMut::new();
        to.encode_request(&request, &Dialect::default(), &mut exchange, &mut out)?;
        Ok(Outcome::translated(&out, exchange.losses))
    }

    fn response(&self, from: &dyn Codec, to: &dyn Codec, body: &[u8]) -> Result<Outcome, Error> {
        let response = from.decode_response(body)?;
        let (mut exchange, mut out) = (self.exchange(), BytesMut::new());
        to.encode_response(&response, &mut exchange, &mut out)?;
        Ok(Outcome::translated(&out, exchange.losses))
    }

    fn stream(&self, from: &dyn Codec, to: &dyn Codec, body: &[u8]) -> Result<Outcome, Error> {
        let mut exchange = self.exchange();
        exchange.stream = true;
        let mut relay = Relay {
            encoder: to.stream_encoder(Arc::new(exchange)),
            out: BytesMut::new(),
            has_begun: false,
            early: None,
        };
        read_stream(body, &mut *from.stream_decoder(), &mut relay);
        match relay.early {
            Some(error) => Err(error),
            None => Ok(Outcome::translated(&relay.out, Losses::default())),
        }
    }

    fn error(&self, body: &[u8]) -> Outcome {
        let status = stated_status(self.from, body).unwrap_or(self.status);
        let error = self.from.api().decode_error(status, body);
        let (_, body) = self.to.error_body(&error);
        Outcome::translated(&body, Losses::default())
    }

    /// What a caller's request has that wants all there is to have.
    fn exchange(&self) -> Exchange {
        let mut exchange = Exchange::new(0, 1);
        exchange.provider = self.from.id();
        exchange.include_usage = true;
        exchange.include_seals = true;
        exchange
    }

    /// Who is told of an error.
    pub(crate) fn caller(&self) -> ApiFormat {
        match self.kind {
            Kind::Request => self.from,
            Kind::Response | Kind::Stream | Kind::Error => self.to,
        }
    }

    fn refused(&self, error: Error) -> Outcome {
        let (_, body) = self.caller().error_body(&error);
        Outcome::Refused {
            body: body.to_vec(),
            error,
        }
    }
}

impl Outcome {
    fn translated(body: &[u8], losses: Losses) -> Self {
        Self::Translated {
            body: body.to_vec(),
            losses,
        }
    }
}

fn codec(format: ApiFormat) -> Result<&'static dyn Codec, Error> {
    let missing = || Error::undecodable(format_args!("{format} is not translated"));
    format.codec().ok_or_else(missing)
}

/// A model of the target for requests that name none, because the path of their API does.
fn usual_model(format: ApiFormat) -> &'static str {
    match format.id() {
        "anthropic" => "claude-sonnet-4-5",
        "gemini" => "gemini-2.5-flash",
        _ => "gpt-4.1",
    }
}

/// Whether the provider sent nothing that could be read.
fn is_unreadable(error: &Error) -> bool {
    matches!(
        error.code.as_deref(),
        Some("upstream_decode_error" | "upstream_stream_truncated")
    )
}

/// Writes a stream's events. An error before all else is kept: its caller gets a status instead of a stream.
struct Relay {
    encoder: Box<dyn StreamEncoder>,
    out: BytesMut,
    has_begun: bool,
    early: Option<Error>,
}

impl Sink for Relay {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Ping if !self.has_begun => {}
            Event::Error(error) if !self.has_begun => self.early = Some(error),
            event => {
                // The tier may be told before the answer begins.
                self.has_begun |= !matches!(event, Event::ServiceTier(_));
                self.encoder.event(&event, &mut self.out);
            }
        }
    }
}

/// Reads server-sent events, or the elements of a JSON array.
pub(crate) fn read_stream(body: &[u8], decoder: &mut dyn StreamDecoder, sink: &mut dyn Sink) {
    if let Ok(elements) = json::read_bytes::<Vec<Raw<'_>>>(body) {
        for element in elements {
            let data = element.get().as_bytes();
            decoder.item(Item::Event { name: None, data }, sink);
        }
        return decoder.finish(StreamEnd::Clean, sink);
    }
    let mut parser = Parser::new(EVENT_LIMIT);
    parser.push(body);
    loop {
        match parser.next() {
            Ok(Some(item)) => decoder.item(item, sink),
            Ok(None) => break,
            Err(too_long) => {
                let error = Error::undecodable(too_long);
                return decoder.finish(StreamEnd::Failed(error), sink);
            }
        }
    }
    if let Some(item) = parser.finish().filter(is_whole) {
        decoder.item(item, sink);
    }
    decoder.finish(StreamEnd::Clean, sink);
}

/// Whether the data of a stream's last event is all there. Else the stream was cut.
fn is_whole(item: &Item<'_>) -> bool {
    match item {
        Item::Event { data, .. } => {
            data.starts_with(b"[DONE]") || json::read_bytes::<Raw<'_>>(data).is_ok()
        }
        _ => true,
    }
}

/// The status that an error's body tells, as it must where the error comes in a stream.
pub(crate) fn stated_status(format: ApiFormat, body: &[u8]) -> Option<StatusCode> {
    let mut told = None;
    let mut sink = |event: Event<'_>| {
        if let Event::Error(error) = event {
            told = Some(error);
        }
    };
    let item = Item::Event {
        name: Some(b"error"),
        data: body,
    };
    format.codec()?.stream_decoder().item(item, &mut sink);
    let told: Error = told?;
    let is_sure = !matches!(told.kind, ErrorKind::Internal | ErrorKind::BadGateway);
    let by_kind = || is_sure.then(|| format.error_body(&told).0);
    told.status.or_else(by_kind)
}

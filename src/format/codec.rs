use std::{fmt, sync::Arc};

use bytes::BytesMut;

use crate::{
    ir::{BlockKind, Error, Event, Exchange, Gist, Request, Response, Sink},
    sse,
};

use super::Dialect;

/// Translates the bodies of one format to and from the [neutral form](crate::ir).
///
/// Pure: no I/O, no clock, no randomness. The same body gives the same bytes, so that prompt caches stay warm.
pub trait Codec: fmt::Debug + Send + Sync + 'static {
    /// Reads a caller's request. Notes in `exchange` what the answer must look like.
    ///
    /// # Errors
    ///
    /// If the body is not a request of this format; the error is the caller's fault and names the field.
    fn decode_request<'a>(
        &self,
        body: &'a [u8],
        exchange: &mut Exchange,
    ) -> Result<Request<'a>, Error>;

    /// Writes a request for a provider. Notes in `exchange` what had to be rewritten or left out.
    ///
    /// # Errors
    ///
    /// If this format can't say the request; the error names the field in the caller's spelling.
    fn encode_request(
        &self,
        request: &Request<'_>,
        dialect: &Dialect,
        exchange: &mut Exchange,
        out: &mut BytesMut,
    ) -> Result<(), Error>;

    /// Whether a caller's body may hold thoughts of other formats' models, or lack those of its own, so that this
    /// provider would refuse it. Asked where caller and provider speak the same format, and nothing else is read; may be
    /// wrong in saying yes. The model is empty where only the body names it. Default: no.
    fn has_foreign_thoughts(&self, _body: &[u8], _model: &str, _dialect: &Dialect) -> bool {
        false
    }

    /// Reads a provider's whole answer.
    ///
    /// # Errors
    ///
    /// If the body is not an answer of this format.
    fn decode_response<'a>(&self, body: &'a [u8]) -> Result<Response<'a>, Error>;

    /// Reads what a provider's whole answer comes to, for who needs no more of it. Default: by
    /// [`decode_response`](Self::decode_response), from which it must never differ.
    ///
    /// # Errors
    ///
    /// As there.
    fn gist(&self, body: &[u8]) -> Result<Gist, Error> {
        self.decode_response(body)
            .map(|response| Gist::of(&response))
    }

    /// Writes a whole answer for a caller.
    ///
    /// # Errors
    ///
    /// If this format can't say the answer.
    fn encode_response(
        &self,
        response: &Response<'_>,
        exchange: &mut Exchange,
        out: &mut BytesMut,
    ) -> Result<(), Error>;

    /// State to read one streamed answer of a provider.
    fn stream_decoder(&self) -> Box<dyn StreamDecoder>;

    /// State to write one streamed answer for a caller.
    fn stream_encoder(&self, exchange: Arc<Exchange>) -> Box<dyn StreamEncoder>;

    /// What translates requests to count tokens, if the format has them. The request itself is one for an answer, and
    /// is read by [`decode_request`](Self::decode_request).
    fn counter(&self) -> Option<&'static dyn Counter> {
        None
    }
}

/// Translates requests to count tokens, and their answers.
pub trait Counter: fmt::Debug + Send + Sync + 'static {
    /// Writes a request to count the tokens of what [`Codec::encode_request`] would write.
    ///
    /// # Errors
    ///
    /// As there.
    fn encode_request(
        &self,
        request: &Request<'_>,
        dialect: &Dialect,
        exchange: &mut Exchange,
        out: &mut BytesMut,
    ) -> Result<(), Error>;

    /// Reads how many tokens a provider counted.
    ///
    /// # Errors
    ///
    /// If the body does not tell.
    fn decode_answer(&self, body: &[u8]) -> Result<u64, Error>;

    /// Writes how many tokens there are for a caller.
    fn encode_answer(&self, tokens: u64, out: &mut BytesMut);
}

/// How the bytes of a stream ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamEnd {
    /// As they should.
    Clean,
    /// In mid-stream, by this error.
    Failed(Error),
}

impl StreamEnd {
    /// What is wrong if the answer is not complete.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Clean => Error::truncated(),
            Self::Failed(error) => error,
        }
    }
}

/// Reads one streamed answer. Any number of events come of one item.
pub trait StreamDecoder: fmt::Debug + Send {
    /// Takes one item of the stream. What comes after the terminal event is ignored.
    fn item(&mut self, item: sse::Item<'_>, sink: &mut dyn Sink);

    /// Takes the end of the stream: sends `End` if the answer was complete, else `Error`. Does nothing the second
    /// time, or after a terminal event.
    fn finish(&mut self, end: StreamEnd, sink: &mut dyn Sink);
}

/// Writes one streamed answer.
pub trait StreamEncoder: fmt::Debug + Send {
    /// Appends the wire form of one event, if it has one here.
    fn event(&mut self, event: &Event<'_>, out: &mut BytesMut);

    /// Whether this format can say such a block at all; what it can't is reported as lost. Default: all blocks but those
    /// that only their own format has.
    fn can_say(&self, kind: &BlockKind<'_>) -> bool {
        !matches!(kind, BlockKind::Native { .. })
    }
}

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::{
    Body, BoxError,
    format::{Codec, StreamDecoder, StreamEnd},
    ir::{Error, ErrorKind, Event, Exchange},
    sse::Parser,
};

/// A stream that passes untouched, and is only watched for its end: clients take a stream that merely stops for a
/// whole answer, so one that was cut short gets an error event behind it.
#[derive(Debug)]
pub(super) struct Watched {
    body: Body,
    codec: &'static dyn Codec,
    decoder: Box<dyn StreamDecoder>,
    /// After trailers there can be no more data.
    trailers: bool,
    /// `None` when there is nothing left to watch for.
    parser: Option<Parser>,
    ended: bool,
}

impl Watched {
    pub(super) fn new(body: Body, codec: &'static dyn Codec, limit: usize) -> Self {
        Self {
            body,
            codec,
            decoder: codec.stream_decoder(),
            trailers: false,
            parser: Some(Parser::new(limit)),
            ended: false,
        }
    }

    fn watch(&mut self, data: &[u8]) {
        let Some(parser) = &mut self.parser else {
            return;
        };
        let mut over = false;
        parser.push(data);
        loop {
            match parser.next() {
                Ok(Some(item)) => self.decoder.item(item, &mut |event: Event<'_>| {
                    over |= matches!(event, Event::End | Event::Error(_));
                }),
                Ok(None) => break,
                // Too long to look into; whoever reads it will find its own limit.
                Err(_) => over = true,
            }
            if over {
                self.parser = None;
                return;
            }
        }
    }

    /// What is wrong with the end, if anything is.
    fn fault(&mut self, end: StreamEnd) -> Option<(Error, bool)> {
        let mut parser = self.parser.take()?;
        let between_events = parser.is_between_events();
        let mut fault = None;
        let mut sink = |event: Event<'_>| {
            if let Event::Error(error) = event {
                fault = Some(error);
            }
        };
        if end == StreamEnd::Clean
            && let Some(item) = parser.finish()
        {
            self.decoder.item(item, &mut sink);
        }
        self.decoder.finish(end, &mut sink);
        fault.map(|error| (error, between_events))
    }

    /// Ends the stream: with an error event if it was cut between two events, by breaking it off if within one.
    fn end(&mut self, end: StreamEnd) -> Option<Result<Frame<Bytes>, BoxError>> {
        self.ended = true;
        let (error, between_events) = self.fault(end)?;
        tracing::warn!(%error, "a stream was cut short");
        if self.trailers || !between_events {
            return Some(Err(error.into()));
        }
        let mut out = BytesMut::new();
        let mut encoder = self.codec.stream_encoder(Arc::new(Exchange::default()));
        encoder.event(&Event::Error(error), &mut out);
        Some(Ok(Frame::data(out.freeze())))
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let next = ready!(Pin::new(&mut self.body).poll_frame(cx));
        Poll::Ready(match next {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.watch(data);
                }
                self.trailers |= frame.is_trailers();
                Some(Ok(frame))
            }
            Some(Err(_)) => self.end(StreamEnd::Failed(broken())),
            None => self.end(StreamEnd::Clean),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// The connection to the provider broke in mid-stream.
pub(super) fn broken() -> Error {
    let message = "The connection to the provider broke before its answer was complete.";
    Error::new(ErrorKind::BadGateway, message).with_code("upstream_stream_truncated")
}

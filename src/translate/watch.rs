use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http::{Response, header::CONTENT_LENGTH};
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::{
    Body, BoxError,
    format::{StreamDecoder, StreamEnd},
    headers::is_encoded,
    ir::{Error, ErrorKind, Event, Exchange},
};

use super::{
    elements::Items,
    plan::Watch,
    response::{is_event_stream, is_json},
};

/// A stream that passes untouched, and is only watched for its end: clients take a stream that merely stops for a
/// whole answer, so one that was cut short gets an error behind it.
#[derive(Debug)]
struct Watched {
    body: Body,
    watch: Watch,
    decoder: Box<dyn StreamDecoder>,
    /// After trailers there can be no more data.
    trailers: bool,
    /// `None` when there is nothing left to watch for.
    items: Option<Items>,
    /// It can't be looked into, and may end in any way.
    blind: bool,
    ended: bool,
}

impl Watched {
    fn new(body: Body, watch: Watch) -> Self {
        let items = if watch.json_array {
            Items::elements(watch.event_limit)
        } else {
            Items::events(watch.event_limit)
        };
        Self {
            body,
            watch,
            decoder: watch.codec.stream_decoder(),
            trailers: false,
            items: Some(items),
            blind: false,
            ended: false,
        }
    }

    fn watch(&mut self, data: &[u8]) {
        let Some(items) = &mut self.items else {
            return;
        };
        let mut over = false;
        items.push(data);
        loop {
            match items.next() {
                Ok(Some(item)) => self.decoder.item(item, &mut |event: Event<'_>| {
                    over |= matches!(event, Event::End | Event::Error(_));
                }),
                Ok(None) => {
                    self.blind = items.is_foreign();
                    if !self.blind {
                        return;
                    }
                }
                // Too long to look into; whoever reads it will find its own limit.
                Err(_) => self.blind = true,
            }
            if over || self.blind {
                self.items = None;
                return;
            }
        }
    }

    /// What is wrong with the end, if anything is.
    fn fault(&mut self, items: &mut Items, end: StreamEnd) -> Option<Error> {
        let mut fault = None;
        let mut sink = |event: Event<'_>| {
            if let Event::Error(error) = event {
                fault = Some(error);
            }
        };
        if end == StreamEnd::Clean
            && let Some(item) = items.finish()
        {
            self.decoder.item(item, &mut sink);
        }
        self.decoder.finish(end, &mut sink);
        fault
    }

    /// Ends the stream: with an error behind it if it was cut between two items, by breaking it off if within one.
    fn end(&mut self, end: StreamEnd) -> Option<Result<Frame<Bytes>, BoxError>> {
        self.ended = true;
        let Some(mut items) = self.items.take() else {
            return match end {
                StreamEnd::Failed(error) if self.blind => Some(Err(error.into())),
                _ => None,
            };
        };
        let gap = items.gap().filter(|_| !self.trailers);
        let fault = self.fault(&mut items, end);
        if let Some(error) = &fault {
            tracing::warn!(%error, "a stream was cut short");
        }
        let Some(separator) = gap else {
            return fault.map(|error| Err(error.into()));
        };
        let mut out = BytesMut::new();
        if self.watch.json_array {
            if let Some(error) = fault {
                out.extend_from_slice(separator);
                self.watch.format.api().encode_error(&error, &mut out);
            }
            out.extend_from_slice(b"]");
        } else {
            let exchange = Arc::new(Exchange::default());
            let mut encoder = self.watch.codec.stream_encoder(exchange);
            encoder.event(&Event::Error(fault?), &mut out);
        }
        Some(Ok(Frame::data(out.freeze())))
    }
}

impl Watch {
    /// Watches an answer, if it is a stream.
    pub(crate) fn over(self, mut answer: Response<Body>) -> Response<Body> {
        let headers = answer.headers();
        let is_stream = is_event_stream(headers) || self.json_array && is_json(headers);
        if is_encoded(headers) || !is_stream || !answer.status().is_success() {
            return answer;
        }
        // An error behind a stream that was cut short would not be part of the length.
        answer.headers_mut().remove(CONTENT_LENGTH);
        answer.map(|body| Body::new(Watched::new(body, self)))
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
            Some(Err(error)) => self.end(StreamEnd::Failed(broken(&error))),
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

/// Why a stream ended in its middle: as somebody below says, or else the connection to the provider broke.
pub(super) fn broken(error: &BoxError) -> Error {
    Error::found_in(&**error).unwrap_or_else(|| {
        let message = "The connection to the provider broke before its answer was complete.";
        Error::new(ErrorKind::BadGateway, message).with_code("upstream_stream_truncated")
    })
}

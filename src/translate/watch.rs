use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response, header::CONTENT_LENGTH};
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::{
    Body, BoxError,
    format::{StreamDecoder, StreamEnd},
    headers::is_encoded,
    ir::{Error, ErrorKind, Event, Exchange},
};

use super::{
    elements::Items,
    follow::Follow,
    plan::Watch,
    response::{is_event_stream, is_json},
};

/// A stream that passes as it comes, and is watched for its end: clients take a stream that merely stops for a
/// whole answer, so one that was cut short gets an error behind it.
#[derive(Debug)]
pub(super) struct Watched {
    body: Body,
    watch: Watch,
    follow: Follow,
    decoder: Box<dyn StreamDecoder>,
    /// After trailers there can be no more data.
    trailers: bool,
    sight: Sight,
    /// The error that has ended the answer, if nobody has taken it.
    fault: Option<Error>,
    ended: bool,
}

/// What is left to watch for.
#[derive(Debug)]
enum Sight {
    Items(Items),
    /// The answer has ended.
    Over,
    /// What comes can't be read here.
    Lost,
}

impl Watched {
    pub(super) fn new(body: Body, items: Items, watch: Watch) -> Self {
        Self {
            body,
            follow: Follow::new(watch.progress.as_ref()),
            decoder: watch.codec.stream_decoder(),
            watch,
            trailers: false,
            sight: Sight::Items(items),
            fault: None,
            ended: false,
        }
    }

    /// Whether the head waits for what comes next.
    pub(super) fn holds(&self) -> bool {
        self.follow.holds() && !self.ended
    }

    /// The error that has come before any content.
    pub(super) fn early_error(&mut self) -> Option<Error> {
        self.fault.take_if(|_| self.follow.awaits_content())
    }

    fn watch(&mut self, data: &[u8]) {
        let Sight::Items(items) = &mut self.sight else {
            return;
        };
        let (mut over, fault) = (false, &mut self.fault);
        let mut sink = |event: Event<'_>| match event {
            Event::End => over = true,
            Event::Error(error) => *fault = Some(error),
            _ => {}
        };
        let read = items.each(data, |item| {
            self.follow.item(&mut *self.decoder, item, &mut sink);
        });
        // What is too long is not looked into; whoever reads it will find its own limit.
        let lost = read.is_err() || items.is_foreign();
        if over || fault.is_some() {
            self.sight = Sight::Over;
        } else if lost {
            self.sight = Sight::Lost;
            self.follow.leave();
        }
    }

    /// Finds what is wrong with the end, if anything is.
    fn look_back(&mut self, items: &mut Items, end: StreamEnd) {
        let fault = &mut self.fault;
        let mut sink = |event: Event<'_>| {
            if let Event::Error(error) = event {
                *fault = Some(error);
            }
        };
        if end == StreamEnd::Clean
            && let Some(item) = items.finish()
        {
            self.follow.item(&mut *self.decoder, item, &mut sink);
        }
        self.follow.finish(&mut *self.decoder, end, &mut sink);
    }

    /// Ends the stream: with an error behind it if it was cut between two items, by breaking it off if within one.
    fn end(&mut self, end: StreamEnd) -> Option<Result<Frame<Bytes>, BoxError>> {
        self.ended = true;
        let Sight::Items(mut items) = mem::replace(&mut self.sight, Sight::Over) else {
            return None;
        };
        let gap = items.gap().filter(|_| !self.trailers);
        self.look_back(&mut items, end);
        let fault = self.fault.as_ref();
        if let Some(error) = fault {
            tracing::warn!(%error, "a stream was cut short");
        }
        let Some(separator) = gap else {
            return fault.map(|error| Err(error.clone().into()));
        };
        let mut out = BytesMut::new();
        if items.is_array() {
            if let Some(error) = fault {
                out.extend_from_slice(separator);
                self.watch.format.api().encode_error(error, &mut out);
            }
            out.extend_from_slice(b"]");
        } else {
            let exchange = Arc::new(Exchange::default());
            let mut encoder = self.watch.codec.stream_encoder(exchange);
            encoder.event(&Event::Error(fault?.clone()), &mut out);
        }
        Some(Ok(Frame::data(out.freeze())))
    }
}

impl Watch {
    /// What an answer with such a head is cut into, if it is a stream.
    pub(super) fn items(&self, headers: &HeaderMap) -> Option<Items> {
        if is_event_stream(headers) {
            return Some(Items::events(self.event_limit));
        }
        let is_array = self.json_array && is_json(headers);
        is_array.then(|| Items::elements(self.event_limit))
    }

    /// Watches an answer, if it is a stream.
    pub(crate) fn over(self, mut answer: Response<Body>) -> Response<Body> {
        let headers = answer.headers();
        let is_readable = answer.status().is_success() && !is_encoded(headers);
        let Some(items) = self.items(headers).filter(|_| is_readable) else {
            return answer;
        };
        // An error behind a stream that was cut short would not be part of the length.
        answer.headers_mut().remove(CONTENT_LENGTH);
        answer.map(|body| Body::of(Watched::new(body, items, self)))
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
        if let Some(Ok(frame)) = &next {
            if let Some(data) = frame.data_ref() {
                self.watch(data);
            }
            self.trailers |= frame.is_trailers();
            return Poll::Ready(next);
        }
        Poll::Ready(match next {
            Some(Err(error)) if matches!(self.sight, Sight::Lost) => {
                self.ended = true;
                self.follow.failed(&broken(&error));
                Some(Err(error))
            }
            Some(Err(error)) => self.end(StreamEnd::Failed(broken(&error))),
            _ => self.end(StreamEnd::Clean),
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

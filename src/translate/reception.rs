use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::BytesMut;
use http::{Response, response::Parts};

use crate::{
    Body,
    body::ToBytes,
    headers::is_encoded,
    ir::{Error, Fold},
};

use super::{
    beginning::Beginning,
    elements::Items,
    follow::Follow,
    plan::Task,
    response::{Answer, is_event_stream, unreadable},
    sniff::{Kind, Sniff},
    stream::{EventStream, Gather, Relay},
};

/// A provider's answer that comes in to be translated. Resolves once the head of the caller's can go.
#[derive(Debug)]
pub(super) struct Reception {
    /// Taken when it goes.
    head: Option<(Parts, Answer)>,
    reading: Reading,
}

/// How the body is read.
#[derive(Debug)]
enum Reading {
    /// No further: it can't be read.
    Failed(Error),
    /// It was to be a stream, and its beginning tells what it is.
    Sniff(Sniff),
    /// In one piece, as far as it is waited for: it is an error.
    Error(Beginning),
    /// In one piece.
    Whole(ToBytes<Body>),
    /// Event by event, though the caller wants it whole.
    Gather(EventStream<Gather>),
    /// Event by event, and the head waits.
    Hold(Option<EventStream<Relay>>),
}

impl Reception {
    /// Decides by the head of a response how its body is read.
    pub(super) fn new(response: Response<Body>, answer: Answer) -> Self {
        let (parts, body) = response.into_parts();
        let limits = answer.plan.limits;
        let is_count = matches!(answer.plan.task, Task::Count { .. });
        let reading = if is_encoded(&parts.headers) {
            let encoded = "it is compressed, which was not asked for";
            Reading::Failed(Error::undecodable(encoded))
        } else if !parts.status.is_success() {
            let progress = answer.plan.progress.as_ref();
            Reading::Error(Beginning::new(body, limits.body, progress))
        } else if is_count {
            Reading::whole(body, &answer)
        } else if is_event_stream(&parts.headers) {
            Reading::stream(Items::events(limits.event), body, &answer)
        } else if answer.exchange.stream {
            let progress = answer.plan.progress.as_ref();
            Reading::Sniff(Sniff::new(body, &parts.headers, progress))
        } else {
            Reading::whole(body, &answer)
        };
        Self {
            head: Some((parts, answer)),
            reading,
        }
    }
}

impl Reading {
    /// Decides by the beginning of a body how it is read.
    fn sniffed(kind: Kind, body: Body, answer: &Answer) -> Self {
        let limit = answer.plan.limits.event;
        match kind {
            Kind::Array => Self::stream(Items::elements(limit), body, answer),
            Kind::Events => Self::stream(Items::events(limit), body, answer),
            Kind::Whole => Self::whole(body, answer),
        }
    }

    fn whole(body: Body, answer: &Answer) -> Self {
        Self::Whole(ToBytes::new(body, answer.plan.limits.body))
    }

    /// Item by item, whatever the caller wants of it.
    fn stream(items: Items, body: Body, answer: &Answer) -> Self {
        let decoder = answer.plan.encoder.stream_decoder();
        let exchange = Arc::new(answer.exchange.clone());
        let follow = Follow::new(answer.plan.progress.as_ref());
        if !answer.exchange.stream {
            let sink = Gather {
                fold: Fold::new(answer.plan.provider.id()),
                exchange,
            };
            let events = EventStream::new((items, body), decoder, follow, sink);
            return Self::Gather(events.body_limit(answer.plan.limits.body));
        }
        let sink = Relay::new(&answer.plan, exchange, BytesMut::new()).held_for(&follow);
        Self::Hold(Some(EventStream::new((items, body), decoder, follow, sink)))
    }
}

impl Future for Reception {
    type Output = Response<Body>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<Body>> {
        const ONCE: &str = "taken once, by what it resolves to";
        let Self { head, reading } = &mut *self;
        loop {
            let response = match reading {
                Reading::Failed(error) => {
                    let (parts, answer) = head.take().expect(ONCE);
                    answer.error(parts, error)
                }
                Reading::Sniff(sniff) => {
                    let sniffed = ready!(Pin::new(sniff).poll(cx));
                    let (_, answer) = head.as_ref().expect(ONCE);
                    *reading = match sniffed {
                        Ok((kind, body)) => Reading::sniffed(kind, body, answer),
                        Err(error) => Reading::Failed(unreadable(&error)),
                    };
                    continue;
                }
                Reading::Error(beginning) => {
                    ready!(beginning.poll(cx));
                    let (parts, answer) = head.take().expect(ONCE);
                    answer.whole(parts, Ok(beginning.bytes()))
                }
                Reading::Whole(collect) => {
                    let body = ready!(Pin::new(collect).poll(cx));
                    let (parts, answer) = head.take().expect(ONCE);
                    answer.whole(parts, body)
                }
                Reading::Gather(events) => {
                    while ready!(events.poll_step(cx)).is_some() {}
                    let (parts, answer) = head.take().expect(ONCE);
                    answer.folded(parts, &events.sink().fold)
                }
                Reading::Hold(events) => {
                    let began = ready!(events.as_mut().expect(ONCE).poll_head(cx));
                    let (parts, answer) = head.take().expect(ONCE);
                    match began {
                        Ok(()) => answer.stream(parts, events.take().expect(ONCE)),
                        Err(error) => answer.error(parts, &error),
                    }
                }
            };
            return Poll::Ready(response);
        }
    }
}

use std::{
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Response, header, response::Parts};

use crate::{Body, headers::is_encoded, ir::Error};

use super::{
    aside::Aside,
    elements::Items,
    hold::Held,
    mend::Mend,
    plan::Watch,
    response::{failed, is_event_stream, is_json, unreadable},
    sniff::{Kind, Sniff},
    watch::Watched,
    weigh::Weigh,
};

/// An answer that passes. Resolves once its head can go.
#[derive(Debug)]
pub(super) struct Passage {
    watch: Watch,
    /// Taken when it goes.
    head: Option<Parts>,
    passing: Passing,
}

/// How the body passes.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one, in a future that is on its way"
)]
enum Passing {
    /// Nothing is waited for.
    Through(Body),
    /// An error comes in that may not be one the caller's client can read.
    Mend(Mend),
    /// It was to be a stream, and its beginning tells what it is.
    Sniff(Sniff),
    /// A stream comes in, and the head waits.
    Hold(Option<Held>),
    /// A whole answer comes in that may say nothing.
    Weigh(Weigh),
}

impl Passage {
    /// Decides by the head of a response how its body passes. A stream is watched for its end; an error that is no JSON is
    /// put into words that the caller's client can read. What nothing is waited for is there at once.
    pub(super) fn begin(
        response: Response<Body>,
        watch: Watch,
    ) -> Result<Response<Body>, Box<Self>> {
        let (mut head, body) = response.into_parts();
        let (status, headers) = (head.status, &head.headers);
        let is_error = status.is_client_error() || status.is_server_error();
        let passing = if is_encoded(headers) {
            Passing::Through(body)
        } else if is_error && !is_event_stream(headers) {
            Passing::Mend(Mend::new(body, &watch, &head))
        } else if !status.is_success() {
            Passing::Through(body)
        } else if let Some(items) = watch.items(headers) {
            Passing::stream(items, body, &watch, &mut head)
        } else if watch.stream && watch.progress.is_some() {
            Passing::Sniff(Sniff::new(body, headers, watch.progress.as_ref()))
        } else {
            Passing::whole(body, &watch, &head)
        };
        match passing {
            Passing::Through(body) => Ok(Response::from_parts(head, body)),
            passing => Err(Box::new(Self {
                watch,
                head: Some(head),
                passing,
            })),
        }
    }

    /// The body, once the head can go, or the error that has come in its place.
    fn poll_body(&mut self, head: &mut Parts, cx: &mut Context<'_>) -> Poll<Result<Body, Error>> {
        loop {
            match &mut self.passing {
                Passing::Through(body) => return Poll::Ready(Ok(mem::take(body))),
                Passing::Mend(mend) => return Pin::new(mend).poll(cx),
                Passing::Sniff(sniff) => {
                    let sniffed = ready!(Pin::new(sniff).poll(cx));
                    let (kind, body) = sniffed.map_err(|error| unreadable(&error))?;
                    let watch = &self.watch;
                    let items = match kind {
                        Kind::Events => Some(Items::events(watch.event_limit)),
                        Kind::Array => Some(Items::elements(watch.event_limit)),
                        Kind::Whole => None,
                    };
                    self.passing = match items {
                        Some(items) => Passing::stream(items, body, watch, head),
                        // It does not call itself JSON.
                        None => Passing::Through(body),
                    };
                }
                Passing::Hold(stream) => {
                    if let Some(stream) = stream {
                        ready!(stream.poll_head(cx))?;
                    }
                    return Poll::Ready(Ok(stream.take().map(Body::of).unwrap_or_default()));
                }
                Passing::Weigh(weigh) => return Pin::new(weigh).poll(cx),
            }
        }
    }
}

impl Passing {
    fn whole(body: Body, watch: &Watch, head: &Parts) -> Self {
        match &watch.progress {
            Some(progress) if progress.seeks_empty() && is_json(&head.headers) => {
                Self::Weigh(Weigh::new(body, watch, progress))
            }
            Some(progress) if progress.seeks_tally() && is_json(&head.headers) => {
                Self::Through(Body::of(Aside::new(body, watch.codec, progress)))
            }
            _ => Self::Through(body),
        }
    }

    fn stream(items: Items, body: Body, watch: &Watch, head: &mut Parts) -> Self {
        // An error behind a stream that was cut short would not be part of the length.
        head.headers.remove(header::CONTENT_LENGTH);
        let watched = Watched::new(body, items, watch.clone());
        match watch.progress {
            Some(_) => Self::Hold(Some(Held::new(watched))),
            None => Self::Through(Body::of(watched)),
        }
    }
}

impl Future for Passage {
    type Output = Response<Body>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<Body>> {
        let mut head = self.head.take().expect("polled after it has resolved");
        let Poll::Ready(body) = self.poll_body(&mut head, cx) else {
            self.head = Some(head);
            return Poll::Pending;
        };
        Poll::Ready(match body {
            Ok(body) => Response::from_parts(head, body),
            Err(error) => failed(&self.watch, head, error),
        })
    }
}

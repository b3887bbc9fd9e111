use std::{
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Response, response::Parts};

use crate::{Body, body::ToBytes, format::ApiFormat, headers::is_encoded};

use super::{
    plan::Watch,
    response::{self, is_event_stream, is_json},
};

/// An answer that passes untouched. Resolves once its head can go.
#[derive(Debug)]
pub(super) struct Passage {
    /// Taken when it goes.
    parts: Option<Parts>,
    passing: Passing,
}

/// How the body passes.
#[derive(Debug)]
enum Passing {
    /// Nothing is waited for.
    Through(Body),
    /// A provider's error comes in that is not in the caller's format.
    Mend(ToBytes<Body>, ApiFormat),
}

impl Passage {
    /// Decides by the head of a response how its body passes. A stream is watched for its end; an error that is no JSON is
    /// put into words that the caller's client can read.
    pub(super) fn new(response: Response<Body>, watch: Watch) -> Self {
        let (status, headers) = (response.status(), response.headers());
        let is_error = status.is_client_error() || status.is_server_error();
        let is_readable = is_json(headers) || is_event_stream(headers) || is_encoded(headers);
        let mends = is_error && !is_readable;
        let response = if mends {
            response
        } else {
            watch.over(response)
        };
        let (parts, body) = response.into_parts();
        let passing = if mends {
            Passing::Mend(ToBytes::new(body, response::ERROR_PAGE), watch.format)
        } else {
            Passing::Through(body)
        };
        Self {
            parts: Some(parts),
            passing,
        }
    }
}

impl Future for Passage {
    type Output = Response<Body>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<Body>> {
        const ONCE: &str = "taken once, by what it resolves to";
        let Self { parts, passing } = &mut *self;
        let response = match passing {
            Passing::Through(body) => {
                let body = mem::take(body);
                Response::from_parts(parts.take().expect(ONCE), body)
            }
            Passing::Mend(collect, format) => {
                let body = ready!(Pin::new(collect).poll(cx)).unwrap_or_default();
                response::mend(*format, parts.take().expect(ONCE), &body)
            }
        };
        Poll::Ready(response)
    }
}

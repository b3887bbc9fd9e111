use std::{
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{StatusCode, response::Parts};
use http_body::Body as HttpBody;

use crate::{
    Body,
    format::ApiFormat,
    ir::Error,
    json::{self, Raw},
};

use super::{frames::Frames, plan::Watch, response::is_json};

/// Most bytes of an error that are looked at.
const ERROR_PAGE: usize = 64 << 10;

/// An error that passes: one that calls itself JSON, and is, as it came. Clients can't read the pages of proxies, nor
/// half an error, nor nothing; of these it resolves to the error that they mean.
#[derive(Debug)]
pub(super) struct Mend {
    body: Body,
    seen: Frames,
    format: ApiFormat,
    status: StatusCode,
    is_json: bool,
}

impl Mend {
    pub(super) fn new(body: Body, watch: &Watch, head: &Parts) -> Self {
        Self {
            body,
            seen: Frames::default(),
            format: watch.format,
            status: head.status,
            is_json: is_json(&head.headers),
        }
    }

    fn judge(&mut self) -> Result<Body, Error> {
        let bytes = self.seen.to_bytes();
        if self.is_json && json::read_bytes::<Raw<'_>>(&bytes).is_ok() {
            return Ok(self.unread());
        }
        Err(self.format.api().decode_error(self.status, &bytes))
    }

    fn unread(&mut self) -> Body {
        let rest = mem::take(&mut self.body);
        mem::take(&mut self.seen).before(rest)
    }
}

impl Future for Mend {
    type Output = Result<Body, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        while self.seen.size() <= ERROR_PAGE {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => self.seen.push(frame),
                // The status tells more than how it broke.
                Some(Err(_)) | None => return Poll::Ready(self.judge()),
            }
        }
        Poll::Ready(if self.is_json {
            Ok(self.unread())
        } else {
            self.judge()
        })
    }
}

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{StatusCode, response::Parts};

use crate::{
    Body,
    context::Progress,
    format::ApiFormat,
    ir::Error,
    json::{self, Raw},
};

use super::{
    beginning::{Beginning, Cut},
    plan::Watch,
    response::is_json,
};

/// Most bytes of an error that are looked at.
const ERROR_PAGE: usize = 64 << 10;

/// An error that passes: one that calls itself JSON, and is, as it came. Clients can't read the pages of proxies, nor
/// half an error, nor nothing; of these it resolves to the error that they mean.
#[derive(Debug)]
pub(super) struct Mend {
    beginning: Beginning,
    format: ApiFormat,
    status: StatusCode,
    is_json: bool,
    progress: Option<Progress>,
}

impl Mend {
    pub(super) fn new(body: Body, watch: &Watch, head: &Parts) -> Self {
        Self {
            beginning: Beginning::new(body, ERROR_PAGE, watch.progress.as_ref()),
            format: watch.format,
            status: head.status,
            is_json: is_json(&head.headers),
            progress: watch.progress.clone(),
        }
    }
}

impl Future for Mend {
    type Output = Result<Body, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let cut = ready!(self.beginning.poll(cx));
        let bytes = self.beginning.bytes();
        let passes = match cut {
            Cut::End => self.is_json && json::read_bytes::<Raw<'_>>(&bytes).is_ok(),
            Cut::Long => self.is_json,
            Cut::Late => false,
        };
        // The status tells more than how it broke.
        let error = || self.format.api().decode_error(self.status, &bytes);
        if !passes {
            return Poll::Ready(Err(error()));
        }
        if let Some(progress) = &self.progress
            && progress.seeks_tally()
        {
            let class = error().class();
            progress.tell(|tally| tally.error = Some(class));
        }
        Poll::Ready(Ok(self.beginning.unread()))
    }
}

use std::time::Duration;

use http::{Request, Response};

use crate::{Body, BoxError, context::Selected};

use super::{Alternative, Outcome, verdict::Verdict};

/// A request on its way to a target.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) selected: Selected,
    pub(super) request: Request<Body>,
}

/// What an attempt came to.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) result: Result<Response<Body>, BoxError>,
    pub(super) outcome: Outcome,
    pub(super) verdict: Verdict,
    /// How long the provider asks to be left alone.
    pub(super) wait: Option<Duration>,
    /// Whether it is an answer that was read to its end, and takes no place at the provider.
    pub(super) is_whole: bool,
}

impl Call {
    /// The same once more, if its body can be sent again.
    pub(super) fn try_clone(&self) -> Option<Self> {
        let body = self.request.body().try_clone()?;
        let mut request = Request::new(body);
        request.method_mut().clone_from(self.request.method());
        request.uri_mut().clone_from(self.request.uri());
        *request.version_mut() = self.request.version();
        request.headers_mut().clone_from(self.request.headers());
        request
            .extensions_mut()
            .clone_from(self.request.extensions());
        Some(Self {
            selected: self.selected.clone(),
            request,
        })
    }

    /// Goes to another target.
    pub(super) fn select(&mut self, alternative: &Alternative) {
        self.selected = alternative.selected.clone();
        alternative.select(self.request.extensions_mut());
    }
}

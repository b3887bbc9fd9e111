use std::time::Duration;

use http::{Request, Response, request::Parts};

use crate::{
    Body, BoxError,
    context::Selected,
    ir::{self, ErrorKind},
};

use super::{Alternative, Outcome, kept::Kept, verdict::Verdict};

/// A request on its way to a target.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) selected: Selected,
    pub(super) head: Parts,
    pub(super) body: Body,
    /// Whether it goes there even if its target is left alone.
    pub(super) is_forced: bool,
    /// What its head does not have yet.
    pub(super) kept: Option<Kept>,
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

impl Finding {
    /// Of one that was not asked, because it is left alone for so long.
    pub(super) fn ejected(wait: Duration) -> Self {
        Self {
            result: Err(all_ejected(wait).into()),
            outcome: Outcome::Ejected,
            verdict: Verdict::Next,
            wait: Some(wait),
            is_whole: false,
        }
    }
}

/// The refusal of a request all of whose targets are left alone for at least so long.
pub(super) fn all_ejected(wait: Duration) -> ir::Error {
    let message = "The providers of this model have failed, and are left alone for a while.";
    let mut error = ir::Error::new(ErrorKind::Overloaded, message).with_code("all_ejected");
    error.retry_after = Some(wait.max(Duration::from_secs(1)));
    error
}

impl Call {
    /// The same once more, if its body can be sent again. It has to be [completed](Self::complete).
    pub(super) fn try_clone(&self) -> Option<Self> {
        let body = self.body.try_clone()?;
        let (mut head, ()) = Request::new(()).into_parts();
        head.method = self.head.method.clone();
        head.uri = self.head.uri.clone();
        head.version = self.head.version;
        head.headers = self.head.headers.clone();
        let kept = Kept::all(&self.head.extensions);
        if kept.is_none() {
            head.extensions = self.head.extensions.clone();
        }
        Some(Self {
            selected: self.selected.clone(),
            head,
            body,
            is_forced: self.is_forced,
            kept,
        })
    }

    /// Puts into its head what was kept beside it.
    pub(super) fn complete(&mut self) {
        if let Some(kept) = self.kept.take() {
            kept.put_into(&mut self.head.extensions);
            self.head.extensions.insert(self.selected.clone());
        }
    }

    /// Goes to another target.
    pub(super) fn select(&mut self, alternative: &Alternative) {
        self.selected = alternative.selected.clone();
        self.is_forced = false;
        alternative.select(&mut self.head.extensions);
    }
}

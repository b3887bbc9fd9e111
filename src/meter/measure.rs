use std::{any::Any, fmt, sync::Arc};

use http::{Method, Request, Response};

// Who holds the time still in a test holds it still here too. Neither needs a runtime.
#[cfg(not(feature = "client"))]
use std::time::Instant;
#[cfg(feature = "client")]
use tokio::time::Instant;

use crate::{
    BoxError,
    context::{End, Progress, WantsTally},
    ir::{Error, ErrorKind},
    target::Prices,
};

use super::{
    Outcome, Recorder, RequestId, Summary, content::Content, course::Course, recorder::give,
};

/// One request on its way. It is recorded once: when it has ended, or else when this is dropped.
pub(super) struct Measure {
    /// Until it is recorded.
    recorders: Option<Arc<[Arc<dyn Recorder>]>>,
    began: Instant,
    /// Until the head of the answer is there.
    course: Option<Course>,
    id: RequestId,
    /// Who looks into the answer, if that is told here and not in the response.
    watched: Option<Progress>,
    /// The content of the answer, if somebody looks into it.
    content: Option<Content>,
    /// Of who gives it.
    prices: Option<Prices>,
    /// Whether there is nothing more to come, though the body may not have ended.
    is_over: bool,
    /// With the outcome that it would be if this were dropped now.
    summary: Summary,
}

impl Measure {
    pub(super) fn begin<B>(recorders: &Arc<[Arc<dyn Recorder>]>, request: &mut Request<B>) -> Self {
        let id = RequestId::find(request.extensions(), request.headers());
        let extensions = request.extensions_mut();
        extensions.insert(id.clone());
        WantsTally::say(extensions);
        let course = Course::begin(extensions);
        Self {
            recorders: Some(Arc::clone(recorders)),
            began: Instant::now(),
            watched: course.watch(extensions),
            course: Some(course),
            content: None,
            prices: None,
            // No server asks for the body of such an answer.
            is_over: request.method() == Method::HEAD,
            summary: Summary::new(Arc::clone(id.text())),
            id,
        }
    }

    /// Does a step of the request's work. One that does not come back has panicked; whoever leaves between two of them is
    /// the caller.
    pub(super) fn step<T>(&mut self, work: impl FnOnce() -> T) -> T {
        self.summary.outcome = match self.summary.status {
            None => Outcome::Failed,
            Some(_) => Outcome::Broken,
        };
        let done = work();
        self.summary.outcome = Outcome::ClientCancelled;
        done
    }

    pub(super) fn head<B>(&mut self, response: &mut Response<B>) {
        if let Some(id) = self.id.header() {
            response.headers_mut().insert(RequestId::HEADER, id);
        }
        response.extensions_mut().insert(self.id.clone());
        let extensions = response.extensions();
        self.summary.status = Some(response.status());
        self.summary.head = Some(self.began.elapsed());
        self.summary.error = extensions.get().map(Error::class).map(Into::into);
        self.follow();
        let watched = self.watched.take();
        let progress = Progress::of(extensions).cloned().or(watched);
        self.content = progress.map(|progress| Content::new(progress, self.summary.stream));
    }

    /// Notes what has just gone to the host. Callers leave after the last word of a stream, without waiting for the end of the
    /// body.
    pub(super) fn frame(&mut self) {
        if let Some(content) = &mut self.content {
            content.frame(self.began);
        }
        self.is_over |= self.end() != End::Open;
    }

    fn end(&self) -> End {
        let content = self.content.as_ref();
        content.map_or(End::Open, Content::end)
    }

    /// Records an answer of which nobody wants more. A server does not read on where a body says that there is no more.
    pub(super) fn left(&mut self, is_end: bool, drop: impl FnOnce()) {
        let end = self.end();
        drop();
        // Whole answers that pass are read only now.
        self.is_over |= is_end || self.end() != end;
        if self.summary.outcome == Outcome::ClientCancelled && self.is_over {
            self.ended();
        }
    }

    /// Takes over what is known of the request, and holds on to nothing else of it.
    fn follow(&mut self) {
        if let Some(course) = self.course.take() {
            self.prices = course.tell(&mut self.summary);
        }
    }

    /// Records an answer whose body has come to its end.
    pub(super) fn ended(&mut self) {
        self.record(match self.summary.status.map(Outcome::of_status) {
            Some(Outcome::Completed) if self.end() == End::Failed => Outcome::Broken,
            Some(outcome) => outcome,
            None => Outcome::Failed,
        });
    }

    /// Records that it was broken off by an error.
    pub(super) fn failed<E: 'static>(&mut self, outcome: Outcome, error: &E) {
        self.summary.error = found_in(error).map(Into::into);
        self.record(outcome);
    }

    /// Records it, unless that was done.
    pub(super) fn record(&mut self, outcome: Outcome) {
        let Some(recorders) = self.recorders.take() else {
            return;
        };
        self.follow();
        self.summary.outcome = outcome;
        self.summary.total = self.began.elapsed();
        if let Some(content) = &self.content {
            content.tell(&mut self.summary);
            self.summary.cost = content.cost(self.prices.as_ref());
        }
        self.blame();
        for recorder in recorders.iter() {
            give(&**recorder, &self.summary);
        }
    }

    /// Says what went wrong, if anything did: the status, where nobody knows better.
    fn blame(&mut self) {
        let summary = &mut self.summary;
        match summary.outcome {
            Outcome::Completed | Outcome::ClientCancelled => summary.error = None,
            Outcome::Refused | Outcome::Failed if summary.error.is_none() => {
                let kind = summary.status.map(ErrorKind::of_status);
                summary.error = kind.map(|kind| kind.as_str().into());
            }
            _ => {}
        }
    }
}

/// The class of an error, if it says something that we know.
fn found_in(error: &dyn Any) -> Option<&'static str> {
    let found = match error.downcast_ref::<BoxError>() {
        Some(error) => Error::found_in(&**error),
        None => error.downcast_ref::<Error>().cloned(),
    };
    found.map(|error| error.class())
}

impl Drop for Measure {
    fn drop(&mut self) {
        if self.recorders.is_some() && self.summary.outcome != Outcome::ClientCancelled {
            self.summary.error = Some("panic".into());
        }
        self.record(self.summary.outcome);
    }
}

impl fmt::Debug for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.summary.fmt(f)
    }
}

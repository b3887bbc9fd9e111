use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use http::{Method, Request, Response};

// Who holds the time still in a test holds it still here too. Neither needs a runtime.
#[cfg(not(feature = "client"))]
use std::time::Instant;
#[cfg(feature = "client")]
use tokio::time::Instant;

use crate::context::{End, Progress};

use super::{Outcome, Recorder, Summary, course::Course};

/// One request on its way. It is recorded once: when it has ended, or else when this is dropped.
pub(super) struct Measure {
    /// Until it is recorded.
    recorder: Option<Arc<dyn Recorder>>,
    began: Instant,
    /// Until the head of the answer is there.
    course: Option<Course>,
    /// How the content of the answer came along, if somebody looks into it.
    progress: Option<Progress>,
    /// Whether there is nothing more to come, though the body may not have ended.
    is_over: bool,
    /// With the outcome that it would be if this were dropped now.
    summary: Summary,
}

impl Measure {
    pub(super) fn begin<B>(recorder: &Arc<dyn Recorder>, request: &mut Request<B>) -> Self {
        Self {
            recorder: Some(Arc::clone(recorder)),
            began: Instant::now(),
            course: Some(Course::begin(request.extensions_mut())),
            progress: None,
            // No server asks for the body of such an answer.
            is_over: request.method() == Method::HEAD,
            summary: Summary::new(""),
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

    pub(super) fn head<B>(&mut self, response: &Response<B>) {
        self.summary.status = Some(response.status());
        self.summary.head = Some(self.began.elapsed());
        self.progress = Progress::of(response.extensions()).cloned();
        self.follow();
    }

    /// Looks whether the last word of a stream was in what has just gone to the host. Callers leave after it, without
    /// waiting for the end of the body.
    pub(super) fn frame(&mut self) {
        self.is_over |= self.end().is_some_and(|end| end != End::Open);
    }

    fn end(&self) -> Option<End> {
        self.progress.as_ref().map(Progress::end)
    }

    /// Records an answer of which nobody wants more. A server does not read on where a body says that there is no more.
    pub(super) fn left(&mut self, is_end: bool) {
        if self.summary.outcome == Outcome::ClientCancelled && (self.is_over || is_end) {
            self.ended();
        }
    }

    /// Takes over what is known of the request, and holds on to nothing else of it.
    fn follow(&mut self) {
        if let Some(course) = self.course.take() {
            course.tell(&mut self.summary);
        }
    }

    /// Records an answer whose body has come to its end.
    pub(super) fn ended(&mut self) {
        self.record(match self.summary.status.map(Outcome::of_status) {
            Some(Outcome::Completed) if self.end() == Some(End::Failed) => Outcome::Broken,
            Some(outcome) => outcome,
            None => Outcome::Failed,
        });
    }

    /// Records it, unless that was done.
    pub(super) fn record(&mut self, outcome: Outcome) {
        let Some(recorder) = self.recorder.take() else {
            return;
        };
        self.follow();
        self.summary.outcome = outcome;
        self.summary.total = self.began.elapsed();
        let summary = &self.summary;
        // What it leaves half done is its own.
        if catch_unwind(AssertUnwindSafe(|| recorder.record(summary))).is_err() {
            tracing::error!("the recorder of requests panicked");
        }
    }
}

impl Drop for Measure {
    fn drop(&mut self) {
        self.record(self.summary.outcome);
    }
}

impl fmt::Debug for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.summary.fmt(f)
    }
}

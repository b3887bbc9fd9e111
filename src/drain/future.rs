use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Response, Version};
use pin_project_lite::pin_project;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::{
    Body,
    downstream::{Shutdown, Until},
    format::ApiFormat,
    router::Trail,
};

use super::{ResponseBody, refusal::refusal};

pin_project! {
    /// Response future of [`Drainable`](super::Drainable).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the inner service's future.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
        counted: Option<TaskTrackerToken>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Answered { response: Option<Response<Body>> },
        Running {
            #[pin]
            future: F,
            #[pin]
            until: Until,
            trail: Trail,
            version: Version,
        },
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn refused(response: Response<Body>) -> Self {
        Self {
            state: State::Answered {
                response: Some(response),
            },
            counted: None,
        }
    }

    pub(super) fn new(
        future: F,
        shutdown: Shutdown,
        (trail, version): (Trail, Version),
        counted: TaskTrackerToken,
    ) -> Self {
        Self {
            state: State::Running {
                future,
                until: Until::new(shutdown),
                trail,
                version,
            },
            counted: Some(counted),
        }
    }
}

impl<F, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
{
    type Output = Result<Response<ResponseBody>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let answered = match this.state.as_mut().project() {
            StateProj::Answered { response } => {
                Ok(response.take().expect("polled after it was ready"))
            }
            StateProj::Running {
                future,
                until,
                trail,
                version,
            } => {
                let answered = ready!(until.step(cx, |cx| future.poll(cx)));
                // At the deadline it is not asked any more, for it would try again what that has ended.
                answered.unwrap_or_else(|| {
                    let format = trail.format().unwrap_or(ApiFormat::OPENAI);
                    Ok(refusal(format, *version))
                })
            }
        };
        // What was going on goes no further, even if this is kept.
        this.state.set(State::Answered { response: None });
        let counted = this.counted.take();
        Poll::Ready(answered.map(|response| response.map(|body| ResponseBody::new(body, counted))))
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::Summary;

/// Is given the summary of each request. A closure can be one; so can a list of them, or two or three in a tuple, of which
/// each gets every summary.
///
/// It is called once for each request, on the thread that drives the request and in the middle of its work, so it must not
/// block: whoever writes to a file or a socket hands a clone to a queue, and counts what doesn't fit in. None of the
/// recorders here waits for anything or has a queue. A panic is caught, and the request and other recorders go on.
pub trait Recorder: Send + Sync + 'static {
    /// Takes note of a request that has ended.
    fn record(&self, summary: &Summary);
}

/// Gives a summary to a recorder. What that leaves half done in a panic is its own.
pub(super) fn give(recorder: &dyn Recorder, summary: &Summary) {
    if catch_unwind(AssertUnwindSafe(|| recorder.record(summary))).is_err() {
        tracing::error!("a recorder of requests panicked");
    }
}

impl<F: Fn(&Summary) + Send + Sync + 'static> Recorder for F {
    fn record(&self, summary: &Summary) {
        self(summary);
    }
}

impl<R: Recorder + ?Sized> Recorder for Arc<R> {
    fn record(&self, summary: &Summary) {
        R::record(self, summary);
    }
}

impl<R: Recorder> Recorder for Vec<R> {
    fn record(&self, summary: &Summary) {
        for recorder in self {
            give(recorder, summary);
        }
    }
}

impl<A: Recorder, B: Recorder> Recorder for (A, B) {
    fn record(&self, summary: &Summary) {
        give(&self.0, summary);
        give(&self.1, summary);
    }
}

impl<A: Recorder, B: Recorder, C: Recorder> Recorder for (A, B, C) {
    fn record(&self, summary: &Summary) {
        give(&self.0, summary);
        give(&self.1, summary);
        give(&self.2, summary);
    }
}

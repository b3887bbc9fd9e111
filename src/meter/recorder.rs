use super::{Outcome, Summary};

/// Is given the summary of each request. A closure can be one.
///
/// It is called once for each request, on the thread that drives the request and in the middle of its work, so it must not
/// block: whoever writes to a file or a socket hands a clone to a queue, and counts what doesn't fit in. A panic in it is
/// caught, and the request goes on.
pub trait Recorder: Send + Sync + 'static {
    /// Takes note of a request that has ended.
    fn record(&self, summary: &Summary);
}

impl<F: Fn(&Summary) + Send + Sync + 'static> Recorder for F {
    fn record(&self, summary: &Summary) {
        self(summary);
    }
}

/// Makes an event of `tracing` of each summary, target `tower_llm_gateway::request`: at `INFO` if the request was
/// completed, else at `WARN`. Times are in seconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct TracingRecorder;

macro_rules! event {
    ($level:ident, $summary:expr) => {{
        let Summary { assigned, served, .. } = $summary;
        tracing::$level!(
            target: "tower_llm_gateway::request",
            outcome = $summary.outcome.as_str(),
            status = $summary.status.map(|status| status.as_u16()),
            rule = $summary.rule.as_deref(),
            model = $summary.model.as_deref(),
            assigned = assigned.as_ref().map(|to| &*to.downstream),
            assigned_model = assigned.as_ref().and_then(|to| to.model.as_deref()),
            served = served.as_ref().map(|by| &*by.downstream),
            served_model = served.as_ref().and_then(|by| by.model.as_deref()),
            attempts = $summary.attempts,
            head = $summary.head.map(|head| head.as_secs_f64()),
            total = $summary.total.as_secs_f64(),
            "request"
        )
    }};
}

impl Recorder for TracingRecorder {
    fn record(&self, summary: &Summary) {
        if summary.outcome == Outcome::Completed {
            event!(info, summary);
        } else {
            event!(warn, summary);
        }
    }
}

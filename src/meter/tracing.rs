use super::{Outcome, Recorder, Summary};

/// Makes an event of `tracing` of each summary, target `tower_llm_gateway::request`: at `INFO` if the request was
/// completed, else at `WARN`. Times are in seconds, the cost is in US dollars; what is not known is left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct TracingRecorder;

macro_rules! event {
    ($level:ident, $summary:expr) => {{
        let Summary { assigned, served, arm, usage, .. } = $summary;
        let arm = arm.as_ref();
        tracing::$level!(
            target: "tower_llm_gateway::request",
            id = &*$summary.id,
            shadow = $summary.is_shadow.then_some(true),
            outcome = $summary.outcome.as_str(),
            status = $summary.status.map(|status| status.as_u16()),
            error = $summary.error.as_deref(),
            rule = $summary.rule.as_deref(),
            model = $summary.model.as_deref(),
            experiment = arm.map(|arm| &*arm.experiment),
            arm = arm.map(|arm| &*arm.arm),
            arm_by = arm.map(|arm| arm.by.as_str()),
            client = $summary.client.map(|format| format.id()),
            provider = $summary.provider.map(|format| format.id()),
            operation = $summary.operation.map(|operation| operation.as_str()),
            stream = $summary.stream,
            assigned = assigned.as_ref().map(|to| &*to.downstream),
            assigned_model = assigned.as_ref().and_then(|to| to.model.as_deref()),
            served = served.as_ref().map(|by| &*by.downstream),
            served_model = served.as_ref().and_then(|by| by.model.as_deref()),
            attempts = $summary.attempts,
            head = $summary.head.map(|head| head.as_secs_f64()),
            first_content = $summary.first_content.map(|first| first.as_secs_f64()),
            gap_p50 = $summary.gap_p50.map(|gap| gap.as_secs_f64()),
            gap_p99 = $summary.gap_p99.map(|gap| gap.as_secs_f64()),
            total = $summary.total.as_secs_f64(),
            input = usage.input,
            cache_read = usage.cache_read,
            cache_write = usage.cache_write,
            output = usage.output,
            reasoning = usage.reasoning,
            finish_reason = $summary.finish_reason.map(|reason| reason.as_str()),
            empty = $summary.is_empty,
            cost = $summary.cost,
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
